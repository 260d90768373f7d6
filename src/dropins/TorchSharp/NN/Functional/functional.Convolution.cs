using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op Conv1dOp = new("conv1d"), Conv1dPaddingOp = new("conv1d.padding");
            private static readonly Op Conv2dOp = new("conv2d"), Conv2dPaddingOp = new("conv2d.padding");

            public static Tensor conv1d(
                Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null,
                long groups = 1) =>
                Conv1dOp.Call(input, weight, bias, One(stride), Zero(padding), One(dilation), groups);

            public static Tensor conv1d_padding(
                Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, Padding padding = Padding.Valid,
                long? dilation = null, long groups = 1) =>
                Conv1dPaddingOp.Call(input, weight, bias, One(stride), NameOf(padding), One(dilation), groups);

            public static Tensor conv2d(
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null,
                long[]? dilation = null, long groups = 1) =>
                Conv2dOp.Call(input, weight, bias, strides ?? Ones, padding ?? Zeros, dilation ?? Ones, groups);

            public static Tensor conv2d_padding(
                Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid,
                long[]? dilation = null, long groups = 1) =>
                Conv2dPaddingOp.Call(input, weight, bias, strides ?? Ones, NameOf(padding), dilation ?? Ones, groups);

            private static string NameOf(Padding padding) => padding == Padding.Same ? "same" : "valid";
        }
    }
}
