"""What a trained model is worth, measured on pictures it has not seen."""
