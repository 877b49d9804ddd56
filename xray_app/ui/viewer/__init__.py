"""The viewer of radiographs: a component of Streamlit's whose files are in ``assets/``."""
