using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op BatchNormOp = new("batch_norm");
            private static readonly Op LayerNormOp = new("layer_norm");
            private static readonly Op GroupNormOp = new("group_norm");

            /// <summary>
            /// While training, normalises by the batch's statistics and moves the running ones towards them; otherwise
            /// normalises by the running ones.
            /// </summary>
            public static Tensor batch_norm(
                Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null,
                bool training = false, double momentum = 0.1, double eps = 1e-5) =>
                BatchNormOp.Call(input, weight, bias, running_mean, running_var, training, momentum, eps, true);

            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                LayerNormOp.Call(input, normalized_shape, weight, bias, eps);

            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                GroupNormOp.Call(input, num_groups, weight, bias, eps);

            /// <summary>Divides by the norm along a dimension, or by eps where the norm is smaller.</summary>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12)
            {
                using var norm = input.norm((int)dim, keepdim: true, p: (float)p);
                using var bounded = norm.clamp_min(eps);
                return input / bounded;
            }
        }
    }
}
