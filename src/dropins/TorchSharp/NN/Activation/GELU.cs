using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.GELU GELU() => new(false);

            public static Modules.GELU GELU(bool inplace) => new(inplace);

            public static Modules.GELU GELU(Modules.GELU.Approximate approximate, bool inplace = false) =>
                new(inplace, approximate);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>x times the normal distribution function of x, exactly or by an approximation with tanh.</summary>
    public sealed class GELU : ParameterLessModule<Tensor, Tensor>
    {
        internal GELU(bool inplace, Approximate approximate = Approximate.none) : base(nameof(GELU))
        {
            this.inplace = inplace;
            this.approximate = approximate;
        }

        public enum Approximate
        {
            none,
            tanh,
        }

        public bool inplace { get; set; }

        public Approximate approximate { get; set; }

        public override Tensor forward(Tensor tensor) => nn.functional.gelu(tensor, approximate, inplace);
    }
}
