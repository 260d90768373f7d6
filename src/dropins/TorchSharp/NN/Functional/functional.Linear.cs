using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op LinearOp = new("linear");
            private static readonly Op OneHotOp = new("one_hot");

            /// <summary>input times the transposed weights, plus the bias.</summary>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => LinearOp.Call(input, weights, bias);

            /// <summary>
            /// One more dimension, with a one at each class of <paramref name="x"/>; -1 classes: as many as are seen.
            /// </summary>
            public static Tensor one_hot(Tensor x, long num_classes = -1) => OneHotOp.Call(x, num_classes);
        }
    }
}
