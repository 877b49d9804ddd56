"""Is image normalization really necessary? Answered on a chest radiograph, by measurement."""
