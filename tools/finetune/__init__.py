"""Fine-tune the last blocks of the bundled network so that its heatmap follows the image.

    python -m tools.finetune DATA START.weights.h5 OUT

Blocks 1 to 5 and every BatchNorm statistic stay as they are, so their features of each image are
computed once and kept in OUT; an interrupted run goes on from its last epoch.
"""
