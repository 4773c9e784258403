"""The pipeline's stages, one module each, and the rooms they share; `dvc.yaml` says what runs when."""
