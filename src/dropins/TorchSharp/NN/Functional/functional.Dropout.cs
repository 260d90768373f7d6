using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op DropoutOp = new("dropout"), DropoutInPlace = new("dropout_");

            /// <summary>While training, zeroes each element with probability p and scales the others by 1 / (1 - p).</summary>
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                (inplace ? DropoutInPlace : DropoutOp).Call(input, p, training);
        }
    }
}
