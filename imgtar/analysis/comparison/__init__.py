"""Two images compared: their layers aligned, what each layer does, the files, the configurations, the bytes to pull.

It works on stacked layers and knows no gate. What one image says of itself belongs elsewhere.
"""
