using System.Diagnostics.CodeAnalysis;
using TorchSharp.Interop;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Embedding Embedding(
                long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0,
                bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                var table = empty(num_embeddings, embedding_dims, dtype: dtype, device: device).AsParameter();
                init.normal_(table);
                return new(table, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, clearPadding: true);
            }

            /// <summary>Takes the table over; with <paramref name="freeze"/> it is not trained.</summary>
            public static Modules.Embedding Embedding_from_pretrained(
                Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0,
                bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                var table = new Modules.Parameter(embeddings.detach(), !freeze);
                var module = new Modules.Embedding(table, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, clearPadding: false);
                return module.to(device ?? get_default_device(), dtype ?? get_default_dtype());
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>A table of vectors, looked up by index.</summary>
    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        private static readonly Op LookUp = new("embedding");
        private static readonly Op LimitNorm = new("embedding_renorm_");

        private readonly long _paddingIndex;
        private readonly double? _maxNorm;
        private readonly double _normType;
        private readonly bool _scaleByFrequency;
        private readonly bool _sparse;

        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;

        internal Embedding(
            Parameter weight, long? paddingIndex, double? maxNorm, double normType, bool scaleByFrequency, bool sparse, bool clearPadding)
            : base(nameof(Embedding))
        {
            var rows = weight.shape[0];
            if (paddingIndex is { } index && (index < -rows || index >= rows))
                throw new ArgumentException($"Padding_idx must be within num_embeddings: {index} of {rows}.", nameof(paddingIndex));
            // libtorch takes -1 for none, so an index from the end is counted from the beginning first.
            _paddingIndex = paddingIndex is null ? -1 : (paddingIndex.Value + rows) % rows;
            _maxNorm = maxNorm;
            _normType = normType;
            _scaleByFrequency = scaleByFrequency;
            _sparse = sparse;
            this.weight = weight;
            if (!clearPadding || paddingIndex is null) return;
            using var _ = no_grad();
            using var row = weight.select(0, _paddingIndex);
            row.zero_();
        }

        [DisallowNull]
        public Parameter? weight
        {
            get => _weight;
            set => Replace(ref _weight, value, nameof(weight));
        }

        public override Tensor forward(Tensor input)
        {
            if (_maxNorm is { } limit)
            {
                using var _ = no_grad();
                LimitNorm.InPlace(weight, input, limit, _normType);
            }

            return LookUp.Call(weight, input, _paddingIndex, _scaleByFrequency, _sparse);
        }
    }
}
