using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Copies of a layer, one after the other; the layer itself stays the caller's.</summary>
            public static Modules.TransformerEncoder TransformerEncoder(Modules.TransformerEncoderLayer encoder_layer, long num_layers) =>
                new(encoder_layer, num_layers);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>A stack of encoder layers.</summary>
    public sealed class TransformerEncoder
        : nn.Module<Tensor, Tensor, Tensor, Tensor>, nn.IModule<Tensor, Tensor, Tensor>, nn.IModule<Tensor, Tensor>
    {
        private readonly ModuleList<TransformerEncoderLayer> layers;

        internal TransformerEncoder(TransformerEncoderLayer layer, long count) : base(nameof(TransformerEncoder))
        {
            layers = nn.ModuleList([.. Enumerable.Range(0, (int)count).Select(_ => layer.Copy())]);
            RegisterComponents();
        }

        /// <summary>The masks are those of every layer; null for none.</summary>
        public override Tensor forward(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask)
        {
            using var scope = NewDisposeScope();
            var x = src.alias();
            foreach (var layer in layers) x = layer.call(x, src_mask, src_key_padding_mask);
            return x.MoveToOuterDisposeScope();
        }

        public Tensor call(Tensor src, Tensor? src_mask) => base.call(src, src_mask!, null!);

        public Tensor call(Tensor src) => base.call(src, null!, null!);
    }
}
