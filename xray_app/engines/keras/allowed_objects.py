"""The objects that a saved model may name: each is plain arithmetic on tensors.

Left out on purpose: whatever holds code (``Lambda``, ``TFSMLayer``, ``TorchModuleWrapper``,
``JaxLayer``, ``FlaxLayer``, functions), reads files (``StringLookup``, ``IntegerLookup``,
``TextVectorization``), or calls functions that it is given (``Map``, ``Cond``, ``WhileLoop``).
"""

_MODELS = ("Functional", "Sequential", "Model")

_LAYERS = (
    "Activation", "ActivityRegularization", "AdaptiveAveragePooling2D", "AdaptiveMaxPooling2D",
    "Add", "AdditiveAttention", "AlphaDropout", "Attention", "AutoContrast", "Average",
    "AveragePooling2D", "BatchNormalization", "CenterCrop", "Concatenate", "Conv1D", "Conv2D",
    "Conv2DTranspose", "Cropping2D", "Dense", "DepthwiseConv2D", "Dot", "Dropout", "ELU",
    "EinsumDense", "Embedding", "Equalization", "Flatten", "GaussianDropout", "GaussianNoise",
    "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "GroupNormalization", "Identity", "InputLayer", "LayerNormalization",
    "LayerScale", "LeakyReLU", "MaxPooling2D", "Maximum", "Minimum", "MultiHeadAttention",
    "Multiply", "Normalization", "PReLU", "Permute", "RMSNormalization", "RandomBrightness",
    "RandomContrast", "RandomCrop", "RandomErasing", "RandomFlip", "RandomRotation", "RandomShear",
    "RandomTranslation", "RandomZoom", "ReLU", "RepeatVector", "Rescaling", "Reshape", "Resizing",
    "SeparableConv2D", "Softmax", "SpatialDropout2D", "SpectralNormalization", "StochasticDepth",
    "Subtract", "UnitNormalization", "UpSampling2D", "ZeroPadding2D",
)  # fmt: skip

_OPERATIONS = (
    "Abs", "Absolute", "BroadcastTo", "Cast", "Clip", "Divide", "Exp", "ExpandDims", "Flip",
    "Gelu", "GetItem", "Log", "Log1p", "Matmul", "Max", "Mean", "Min", "Negative", "Pad", "Power",
    "Relu", "Relu6", "Repeat", "Resize", "Sigmoid", "Silu", "Split", "Sqrt", "Square", "Squeeze",
    "Stack", "Sum", "Tanh", "Tile", "Transpose", "TrueDivide",
)  # fmt: skip

_PARTS = (
    "Constant", "Constraint", "DTypePolicy", "GlorotNormal", "GlorotUniform", "HeNormal",
    "HeUniform", "Initializer", "L1", "L1L2", "L2", "LecunNormal", "LecunUniform", "MaxNorm",
    "MinMaxNorm", "NonNeg", "Ones", "Orthogonal", "OrthogonalRegularizer", "Policy",
    "RandomNormal", "RandomUniform", "SeedGenerator", "TruncatedNormal", "UnitNorm",
    "VarianceScaling", "Zeros",
)  # fmt: skip

_VALUES = (
    "TensorShape", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__",
    "__tuple__",
)  # fmt: skip

ALLOWED = frozenset((*_MODELS, *_LAYERS, *_OPERATIONS, *_PARTS, *_VALUES))
