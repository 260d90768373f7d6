using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.TransformerEncoderLayer TransformerEncoderLayer(
                long d_model = 512, long nhead = 8, long dim_feedforward = 2048, double dropout = 0.1, Activations activation = Activations.ReLU) =>
                new(d_model, nhead, dim_feedforward, dropout, activation);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>
    /// Attention of positions to each other, then two layers for each position; both are added to their input, and the sums
    /// normalised. Shape [positions, samples, width].
    /// </summary>
    public sealed class TransformerEncoderLayer
        : nn.Module<Tensor, Tensor>, nn.IModule<Tensor, Tensor, Tensor>, nn.IModule<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Func<TransformerEncoderLayer> _another;
        private readonly nn.Activations _activation;
        private readonly MultiheadAttention self_attn;
        private readonly Linear linear1;
        private readonly Dropout dropout;
        private readonly Linear linear2;
        private readonly LayerNorm norm1;
        private readonly LayerNorm norm2;
        private readonly Dropout dropout1;
        private readonly Dropout dropout2;

        internal TransformerEncoderLayer(long width, long heads, long inner, double dropout, nn.Activations activation)
            : base(nameof(TransformerEncoderLayer))
        {
            _another = () => new(width, heads, inner, dropout, activation);
            _activation = activation;
            self_attn = nn.MultiheadAttention(width, heads, dropout);
            linear1 = nn.Linear(width, inner);
            this.dropout = nn.Dropout(dropout);
            linear2 = nn.Linear(inner, width);
            norm1 = nn.LayerNorm(width);
            norm2 = nn.LayerNorm(width);
            dropout1 = nn.Dropout(dropout);
            dropout2 = nn.Dropout(dropout);
            RegisterComponents();
        }

        /// <summary>The masks are <see cref="MultiheadAttention"/>'s; null for none.</summary>
        public Tensor call(Tensor src, Tensor? src_mask, Tensor? src_key_padding_mask)
        {
            using var scope = NewDisposeScope();
            var attended = self_attn.call(src, src, src, src_key_padding_mask, need_weights: false, src_mask).Item1;
            var x = norm1.call(src + dropout1.call(attended));
            var inner = linear1.call(x);
            inner = _activation == nn.Activations.GELU ? nn.functional.gelu(inner) : nn.functional.relu(inner);
            return norm2.call(x + dropout2.call(linear2.call(dropout.call(inner)))).MoveToOuterDisposeScope();
        }

        public Tensor call(Tensor src, Tensor? src_mask) => call(src, src_mask, null);

        public override Tensor forward(Tensor src) => call(src, null, null);

        /// <summary>A layer of its own with the same weights.</summary>
        internal TransformerEncoderLayer Copy()
        {
            var copy = _another();
            copy.load_state_dict(state_dict());
            return copy;
        }
    }
}
