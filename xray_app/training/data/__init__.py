"""From a folder or zip of images to splits, batches and augmented model inputs."""
