using TorchSharp.Interop;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            private static readonly Op Norms = new("_foreach_norm.Scalar");
            private static readonly Op Scale = new("_foreach_mul_.Scalar");

            /// <summary>
            /// Scales all gradients by one factor so that their common norm is at most <paramref name="max_norm"/>; returns the
            /// norm they had.
            /// </summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                var gradients = GradientsOf(tensors);
                if (gradients.Length == 0) return 0;

                double norm;
                if (double.IsPositiveInfinity(norm_type))
                {
                    norm = gradients.Max(gradient => gradient.abs().max().to(ScalarType.Float64).item<double>());
                }
                else
                {
                    var norms = Norms.CallList(gradients, norm_type);
                    norm = stack(norms).norm((float)norm_type).to(ScalarType.Float64).item<double>();
                }

                // The small number keeps the scaled norm below the bound in spite of rounding, as PyTorch does it.
                var factor = max_norm / (norm + 1e-6);
                if (factor < 1) Scale.InPlaceList(gradients, factor);
                return norm;
            }

            /// <summary>Limits every element of the gradients to +-<paramref name="clip_value"/>.</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                foreach (var gradient in GradientsOf(tensors)) gradient.clamp_(-clip_value, clip_value);
            }

            /// <summary>All parameters, one after the other, in one vector.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat([.. tensors.Select(tensor => tensor.view(-1))]).MoveToOuterDisposeScope();
            }

            /// <summary>Copies the parts of a vector into the parameters.</summary>
            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                using var _ = no_grad();
                var start = 0L;
                foreach (var tensor in tensors)
                {
                    var length = tensor.NumberOfElements;
                    tensor.copy_(vec.narrow(0, start, length).view(tensor.shape));
                    start += length;
                }
            }

            private static Tensor[] GradientsOf(IEnumerable<Parameter> parameters) =>
                [.. parameters.Select(parameter => parameter.grad).OfType<Tensor>()];
        }
    }
}
