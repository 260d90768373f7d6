using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op Relu = new("relu"), ReluInPlace = new("relu_");
            private static readonly Op Relu6 = new("relu6"), Relu6InPlace = new("relu6_");
            private static readonly Op LeakyRelu = new("leaky_relu"), LeakyReluInPlace = new("leaky_relu_");
            private static readonly Op Elu = new("elu"), EluInPlace = new("elu_");
            private static readonly Op Gelu = new("gelu"), GeluInPlace = new("gelu_");
            private static readonly Op Silu = new("silu"), SiluInPlace = new("silu_");
            private static readonly Op SigmoidOp = new("sigmoid"), SigmoidInPlace = new("sigmoid_");
            private static readonly Op TanhOp = new("tanh"), TanhInPlace = new("tanh_");
            private static readonly Op SoftplusOp = new("softplus");
            private static readonly Op SoftmaxOp = new("softmax.int");
            private static readonly Op LogSoftmaxOp = new("log_softmax.int");

            public static Tensor relu(Tensor x, bool inplace = false) => Activate(Relu, ReluInPlace, inplace, x);

            public static Tensor relu6(Tensor x, bool inplace = false) => Activate(Relu6, Relu6InPlace, inplace, x);

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                Activate(LeakyRelu, LeakyReluInPlace, inplace, input, negative_slope);

            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => Activate(Elu, EluInPlace, inplace, x, alpha);

            public static Tensor gelu(Tensor x) => gelu(x, false);

            public static Tensor gelu(Tensor x, bool inplace) => gelu(x, Modules.GELU.Approximate.none, inplace);

            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false) =>
                Activate(Gelu, GeluInPlace, inplace, x, approximate == Modules.GELU.Approximate.tanh ? "tanh" : "none");

            public static Tensor silu(Tensor x, bool inplace = false) => Activate(Silu, SiluInPlace, inplace, x);

            public static Tensor sigmoid(Tensor x) => sigmoid(x, false);

            public static Tensor sigmoid(Tensor x, bool inplace) => Activate(SigmoidOp, SigmoidInPlace, inplace, x);

            public static Tensor tanh(Tensor x, bool inplace = false) => Activate(TanhOp, TanhInPlace, inplace, x);

            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => SoftplusOp.Call(x, beta, threshold);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => SoftmaxOp.Call(input, dim, dtype);

            public static Tensor log_softmax(Tensor x, long dim) => LogSoftmaxOp.Call(x, dim, Arg.None);

            // In place the input changes, and the result is another object on it: a module may dispose its input after use.
            private static Tensor Activate(Op op, Op inPlace, bool inplace, params ReadOnlySpan<Arg> arguments) =>
                (inplace ? inPlace : op).Call(arguments);
        }
    }
}
