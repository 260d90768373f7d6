using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.MultiheadAttention MultiheadAttention(
                long embedded_dim, long num_heads, double dropout = 0.0, bool bias = true, bool add_bias_kv = false,
                bool add_zero_attn = false, long? kdim = null, long? vdim = null) =>
                new(embedded_dim, num_heads, dropout, bias, add_bias_kv, add_zero_attn, kdim ?? embedded_dim, vdim ?? embedded_dim);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>
    /// Each head attends with its share of the width. Positions come first: query [L, N, E], key [S, N, kdim], value [S, N, vdim];
    /// the result is [L, N, E] with the weights [N, L, S], averaged over the heads.
    /// </summary>
    public sealed class MultiheadAttention : nn.Module<Tensor, Tensor, Tensor, Tensor?, bool, Tensor?, Tuple<Tensor, Tensor>>
    {
        private readonly long _heads;
        private readonly double _dropout;
        private readonly bool _addZero;

        private readonly Parameter? in_proj_weight;
        private readonly Parameter? q_proj_weight;
        private readonly Parameter? k_proj_weight;
        private readonly Parameter? v_proj_weight;
        private readonly Parameter? in_proj_bias;
        private readonly Parameter? bias_k;
        private readonly Parameter? bias_v;
        private readonly Linear out_proj;

        internal MultiheadAttention(long width, long heads, double dropout, bool bias, bool addBias, bool addZero, long keyWidth, long valueWidth)
            : base(nameof(MultiheadAttention))
        {
            if (width % heads != 0) throw new ArgumentException($"embed_dim must be divisible by num_heads: {width} is not by {heads}.", nameof(heads));
            (_heads, _dropout, _addZero) = (heads, dropout, addZero);
            out_proj = nn.Linear(width, width, bias);
            if (bias) nn.init.zeros_(out_proj.bias!);
            if (keyWidth == width && valueWidth == width)
            {
                in_proj_weight = XavierUniform(3 * width, width);
            }
            else
            {
                q_proj_weight = XavierUniform(width, width);
                k_proj_weight = XavierUniform(width, keyWidth);
                v_proj_weight = XavierUniform(width, valueWidth);
            }

            if (bias) in_proj_bias = zeros(3 * width).AsParameter();
            if (addBias)
            {
                bias_k = XavierNormal(width);
                bias_v = XavierNormal(width);
            }

            RegisterComponents();
        }

        /// <summary>
        /// A mask of bools or bytes forbids where it is set, any other is added to the scores; [L, S] for all, or [N heads, L, S].
        /// The padding mask [N, S] forbids keys. Without <paramref name="need_weights"/> the second result is null.
        /// </summary>
        public new Tuple<Tensor, Tensor> call(
            Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask = null, bool need_weights = true, Tensor? attn_mask = null) =>
            base.call(query, key, value, key_padding_mask, need_weights, attn_mask);

        public override Tuple<Tensor, Tensor> forward(
            Tensor query, Tensor key, Tensor value, Tensor? key_padding_mask, bool need_weights, Tensor? attn_mask)
        {
            using var scope = NewDisposeScope();
            var (length, samples, width) = (query.shape[0], query.shape[1], query.shape[2]);
            var (q, k, v) = Project(query, key, value);
            if (bias_k is not null)
            {
                k = cat([k, bias_k.expand(1, samples, width)]);
                v = cat([v, bias_v!.expand(1, samples, width)]);
                (attn_mask, key_padding_mask) = (OneMore(attn_mask), OneMore(key_padding_mask));
            }

            (q, k, v) = (Split(q), Split(k), Split(v));
            if (_addZero)
            {
                k = cat([k, k.new_zeros(k.shape[0], 1, k.shape[2])], 1);
                v = cat([v, v.new_zeros(v.shape[0], 1, v.shape[2])], 1);
                (attn_mask, key_padding_mask) = (OneMore(attn_mask), OneMore(key_padding_mask));
            }

            var scores = Mask((q / Math.Sqrt(width / _heads)).bmm(k.transpose(1, 2)), attn_mask);
            var byHead = scores.view(samples, _heads, length, -1);
            if (key_padding_mask is not null)
                byHead = byHead.masked_fill(key_padding_mask.to_type(ScalarType.Bool).unsqueeze(1).unsqueeze(2), double.NegativeInfinity);
            var weights = nn.functional.dropout(nn.functional.softmax(byHead, -1), _dropout, training);
            var mixed = weights.view(samples * _heads, length, -1).bmm(v).transpose(0, 1).reshape(length, samples, width);
            var output = out_proj.call(mixed).MoveToOuterDisposeScope();
            return Tuple.Create(output, need_weights ? weights.mean([1]).MoveToOuterDisposeScope() : null!);
        }

        private (Tensor Q, Tensor K, Tensor V) Project(Tensor query, Tensor key, Tensor value)
        {
            var weights = in_proj_weight?.chunk(3) ?? [q_proj_weight!, k_proj_weight!, v_proj_weight!];
            var biases = in_proj_bias?.chunk(3);
            Tensor Linear(Tensor input, int part) => nn.functional.linear(input, weights[part], biases?[part]);
            return (Linear(query, 0), Linear(key, 1), Linear(value, 2));
        }

        // [positions, samples, width] to [samples x heads, positions, width / heads]
        private Tensor Split(Tensor x) => x.contiguous().view(x.shape[0], x.shape[1] * _heads, x.shape[2] / _heads).transpose(0, 1);

        private static Tensor Mask(Tensor scores, Tensor? mask) => mask switch
        {
            null => scores,
            { dtype: ScalarType.Bool or ScalarType.Byte } => scores.masked_fill(mask.to_type(ScalarType.Bool), double.NegativeInfinity),
            _ => scores + mask,
        };

        // A mask for one more key, which nothing forbids.
        private static Tensor? OneMore(Tensor? mask) => mask is null ? null : cat([mask, mask.new_zeros([.. mask.shape[..^1], 1])], -1);

        private static Parameter XavierUniform(long rows, long columns)
        {
            var parameter = empty(rows, columns).AsParameter();
            nn.init.xavier_uniform_(parameter);
            return parameter;
        }

        private static Parameter XavierNormal(long width)
        {
            var parameter = empty(1, 1, width).AsParameter();
            nn.init.xavier_normal_(parameter);
            return parameter;
        }
    }
}
