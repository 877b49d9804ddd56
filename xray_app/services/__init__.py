"""What the pages and the command line share; imports neither Streamlit nor a runtime."""
