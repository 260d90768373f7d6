using System.Collections;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Shape, element type and device: "[2x3], type = Float32, device = cpu".</summary>
        public override string ToString() => IsInvalid ? "" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        /// <summary>Nested lists of scalars; a scalar for a tensor without dimensions.</summary>
        public object tolist()
        {
            var rank = dim();
            if (rank == 0) return ToScalar();
            var list = new ArrayList();
            for (long i = 0; i < size(0); i++)
            {
                using var part = this[i];
                list.Add(rank == 1 ? part.ToScalar() : part.tolist());
            }

            return list;
        }
    }
}
