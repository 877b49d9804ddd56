"""The lung segmentation: fit, judge and export the network that draws the lungs.

    python -m tools.lungs kermany_cxr_224.zip kermany_lung_masks_224.zip tb_cxr_256.zip OUT

It has two outputs, for there are two ways to draw lungs: with the lung behind the heart (the
children's masks, V7 Labs) and beside the heart alone (the adults', Montgomery). Each is fitted to
its own masks. Nothing is fitted to the official test, nor to Shenzhen's masks, which are for
judging. It takes an hour on two cores; a stopped run goes on after its last epoch.
"""
