"""The steps that a pipeline can be made of, each as a record that can be applied and said."""
