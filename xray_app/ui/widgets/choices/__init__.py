"""The sidebar's choices that need more than one box: the radiograph, the scheme."""
