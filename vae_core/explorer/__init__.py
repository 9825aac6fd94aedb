"""A trained model in the browser: the bundle it travels in, and the runtime that decodes it there."""
