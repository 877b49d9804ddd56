"""Declared files as libraries write them, by name: the library that is asked, and the content.

Sizes are small, so that the tensors can be kept; nothing but numpy is needed to import this.
"""

from typing import Any

HALF = [0.5, 0.5, 0.5]
IMAGENET: dict[str, Any] = {
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}
# image_processor_type: which class of transformers; the rest are its arguments.
HUGGING_FACE: dict[str, dict[str, Any]] = {
    "hf_vit": {
        "image_processor_type": "ViTImageProcessor", "do_resize": True, "resample": 2,
        "size": {"height": 32, "width": 28}, "do_rescale": True, "do_normalize": True,
        "rescale_factor": 0.00392156862745098, "image_mean": HALF, "image_std": HALF,
        "do_convert_rgb": True,
    },
    "hf_vit_defaults": {
        "image_processor_type": "ViTImageProcessor", "size": 32, "do_convert_rgb": True,
    },
    "hf_clip": {
        "image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 37},
        "crop_size": {"height": 28, "width": 28}, "do_convert_rgb": True,
    },
    "hf_clip_integers": {"image_processor_type": "CLIPImageProcessor", "size": 35, "crop_size": 32},
    "hf_bit": {
        "image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 36}, "resample": 1,
        "crop_size": 32, "do_convert_rgb": True, **IMAGENET,
    },
    "hf_deit": {
        "image_processor_type": "DeiTImageProcessor", "size": {"height": 35, "width": 35},
        "crop_size": {"height": 32, "width": 32}, "do_convert_rgb": True, **IMAGENET,
    },
    "hf_convnext": {
        "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 32},
        "crop_pct": 0.875, "do_convert_rgb": True, **IMAGENET,
    },
    "hf_nearest": {
        "image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32},
        "resample": 0, "do_normalize": False, "do_convert_rgb": True,
    },
    "hf_bytes": {
        "image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32},
        "do_rescale": False, "do_normalize": False, "do_convert_rgb": True,
    },
    "hf_no_rescale": {
        "image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32},
        "do_rescale": False, "do_convert_rgb": True, **IMAGENET,
    },
    "hf_signed": {
        "image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32},
        "rescale_factor": 1 / 127.5, "image_mean": [1.0, 1.0, 1.0], "image_std": [1.0, 1.0, 1.0],
        "do_convert_rgb": True,
    },
    "hf_mobilevit": {
        "image_processor_type": "MobileViTImageProcessor", "size": {"shortest_edge": 36},
        "crop_size": {"height": 32, "width": 32}, "do_convert_rgb": True,
    },
}  # fmt: skip
TIMM: dict[str, dict[str, Any]] = {
    "timm_center": {
        "architecture": "resnet18", "pretrained_cfg": {
            "input_size": [3, 32, 32], "interpolation": "bilinear", "crop_pct": 0.875,
            "crop_mode": "center", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
            "test_input_size": [3, 48, 48],
        },
    },
    "timm_defaults": {"architecture": "resnet18", "pretrained_cfg": {"input_size": [3, 32, 32]}},
    "timm_squash": {
        "architecture": "vit", "pretrained_cfg": {
            "input_size": [3, 32, 32], "interpolation": "bicubic", "crop_pct": 0.9,
            "crop_mode": "squash", "mean": HALF, "std": HALF,
        },
    },
    "timm_squash_whole": {
        "architecture": "vit", "pretrained_cfg": {
            "input_size": [3, 32, 28], "interpolation": "lanczos", "crop_pct": 1.0,
            "crop_mode": "squash", "mean": HALF, "std": HALF,
        },
    },
    "timm_border": {
        "architecture": "x", "pretrained_cfg": {
            "input_size": [3, 33, 33], "interpolation": "bilinear", "crop_pct": 1.0,
            "crop_mode": "border", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
        },
    },
    "timm_border_cropped": {
        "architecture": "x", "pretrained_cfg": {
            "input_size": [3, 32, 32], "interpolation": "bilinear", "crop_pct": 0.9,
            "crop_mode": "border", "mean": HALF, "std": HALF,
        },
    },
    "timm_rectangle": {
        "architecture": "x", "pretrained_cfg": {
            "input_size": [3, 32, 24], "interpolation": "bicubic", "crop_pct": 0.875,
            "crop_mode": "center", "mean": HALF, "std": HALF,
        },
    },
    "timm_flat": {
        "architecture": "resnetv2_50", "num_classes": 1000, "input_size": [3, 32, 32],
        "pool_size": [7, 7], "crop_pct": 0.95, "interpolation": "bicubic", "mean": HALF,
        "std": HALF,
    },
}  # fmt: skip
# No squares, whose sides before the crop have another ratio than those of the input.
TIMM |= {
    f"timm_uneven_{mode}": {
        "input_size": [3, 32, 43], "crop_pct": 0.9, "crop_mode": mode, "interpolation": "bilinear",
        "mean": HALF, "std": HALF,
    }
    for mode in ("center", "squash", "border")
}  # fmt: skip
# Arguments of torchvision's ImageClassification.
TORCHVISION: dict[str, dict[str, Any]] = {
    "tv_preset": {"crop_size": 28, "resize_size": 31},
    "tv_bicubic": {"crop_size": 32, "resize_size": 32, "interpolation": "bicubic"},
    "tv_caffe": {
        "crop_size": 28, "resize_size": 32, "mean": [0.48235, 0.45882, 0.40784],
        "std": [1 / 255, 1 / 255, 1 / 255],
    },
}  # fmt: skip
EVERY = HUGGING_FACE | TIMM | TORCHVISION
