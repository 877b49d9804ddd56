"""PNG, TIFF and the raster formats that Pillow reads; a module and a registry row for each."""
