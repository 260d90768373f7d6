using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Activation functions of neural networks.
    public partial class Tensor
    {
        public Tensor relu() => Ops.relu.Call(this);
        public Tensor relu_() => Ops.relu_.InPlace(this);
        public Tensor relu6() => Ops.relu6.Call(this);
        public Tensor relu6_() => Ops.relu6_.InPlace(this);
        public Tensor sigmoid() => Ops.sigmoid.Call(this);
        public Tensor sigmoid_() => Ops.sigmoid_.InPlace(this);
        public Tensor softmax(long dim, ScalarType? dtype = null) => Ops.softmax.Call(this, dim, dtype);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Ops.logSoftmax.Call(this, dim, dtype);
        public Tensor softplus(double beta = 1, double threshold = 20) => Ops.softplus.Call(this, beta, threshold);
        public Tensor gelu() => Ops.gelu.Call(this);
        public Tensor gelu_() => Ops.gelu_.InPlace(this);
        public Tensor silu() => Ops.silu.Call(this);
        public Tensor silu_() => Ops.silu_.InPlace(this);
        public Tensor selu() => Ops.selu.Call(this);
        public Tensor selu_() => Ops.selu_.InPlace(this);
        public Tensor elu(double alpha = 1) => Ops.elu.Call(this, alpha);
        public Tensor elu_(double alpha = 1) => Ops.elu_.InPlace(this, alpha);
        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => Ops.elu.Call(this, alpha, scale, input_scale);
        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) => Ops.elu_.InPlace(this, alpha, scale, input_scale);
        public Tensor celu() => Ops.celu.Call(this);
        public Tensor celu_() => Ops.celu_.InPlace(this);
        public Tensor celu(Scalar alpha) => Ops.celu.Call(this, alpha);
        public Tensor celu_(Scalar alpha) => Ops.celu_.InPlace(this, alpha);
        public Tensor leaky_relu(Scalar negative_slope) => Ops.leakyRelu.Call(this, negative_slope);
        public Tensor leaky_relu_(Scalar negative_slope) => Ops.leakyRelu_.InPlace(this, negative_slope);
        public Tensor prelu(Tensor target) => Ops.prelu.Call(this, target);
        public Tensor glu(long dim = -1) => Ops.glu.Call(this, dim);
        public Tensor hardsigmoid() => Ops.hardsigmoid.Call(this);
        public Tensor hardsigmoid_() => Ops.hardsigmoid_.InPlace(this);
        public Tensor hardswish() => Ops.hardswish.Call(this);
        public Tensor hardswish_() => Ops.hardswish_.InPlace(this);
        public Tensor hardtanh(Scalar min, Scalar max) => Ops.hardtanh.Call(this, min, max);
        public Tensor hardtanh_(Scalar min, Scalar max) => Ops.hardtanh_.InPlace(this, min, max);
        public Tensor log_sigmoid() => Ops.logSigmoid.Call(this);
        public Tensor logit(double? eps = null) => Ops.logit.Call(this, eps);
        public Tensor logit_(double? eps = null) => Ops.logit_.InPlace(this, eps);
        public Tensor threshold(Scalar threshold, Scalar value) => Ops.threshold.Call(this, threshold, value);
        public Tensor threshold_(Scalar threshold, Scalar value) => Ops.threshold_.InPlace(this, threshold, value);
        public Tensor heaviside(Tensor other) => Ops.heaviside.Call(this, other);
    }

    public static Tensor sigmoid(Tensor input) => input.sigmoid();
    public static Tensor sigmoid_(Tensor input) => input.sigmoid_();
    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
    public static Tensor logit(Tensor input, double? eps = null) => input.logit(eps);
    public static Tensor heaviside(Tensor input, Tensor values) => input.heaviside(values);
}

file static class Ops
{
    public static readonly Op relu = new("relu"), relu_ = new("relu_"), relu6 = new("relu6"), relu6_ = new("relu6_");
    public static readonly Op sigmoid = new("sigmoid"), sigmoid_ = new("sigmoid_"), softplus = new("softplus");
    public static readonly Op softmax = new("softmax.int"), logSoftmax = new("log_softmax.int");
    public static readonly Op gelu = new("gelu"), gelu_ = new("gelu_"), silu = new("silu"), silu_ = new("silu_");
    public static readonly Op selu = new("selu"), selu_ = new("selu_"), elu = new("elu"), elu_ = new("elu_");
    public static readonly Op celu = new("celu"), celu_ = new("celu_"), prelu = new("prelu"), glu = new("glu");
    public static readonly Op leakyRelu = new("leaky_relu"), leakyRelu_ = new("leaky_relu_");
    public static readonly Op hardsigmoid = new("hardsigmoid"), hardsigmoid_ = new("hardsigmoid_");
    public static readonly Op hardswish = new("hardswish"), hardswish_ = new("hardswish_");
    public static readonly Op hardtanh = new("hardtanh"), hardtanh_ = new("hardtanh_"), logSigmoid = new("log_sigmoid");
    public static readonly Op logit = new("logit"), logit_ = new("logit_"), heaviside = new("heaviside");
    public static readonly Op threshold = new("threshold"), threshold_ = new("threshold_");
}
