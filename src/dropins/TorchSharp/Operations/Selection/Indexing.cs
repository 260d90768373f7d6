using System.Runtime.CompilerServices;
using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Index expressions, as in t[0], t[.., 1..3], t[mask], t[rows, columns].
    //
    // Positions are worked off from left to right. Numbers, ranges, new dimensions and the ellipsis make views; tensors
    // and truth values are collected and applied to that view at once, by aten::index or aten::index_put_. So a chain of
    // plain positions costs no copy, and assignment writes through.
    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Assign([i1], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => At([i1, i2]);
            set => Assign([i1, i2], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => At([i1, i2, i3]);
            set => Assign([i1, i2, i3], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => At([i1, i2, i3, i4]);
            set => Assign([i1, i2, i3, i4], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5]
        {
            get => At([i1, i2, i3, i4, i5]);
            set => Assign([i1, i2, i3, i4, i5], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4, long i5, long i6]
        {
            get => At([i1, i2, i3, i4, i5, i6]);
            set => Assign([i1, i2, i3, i4, i5, i6], value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params long[] indices]
        {
            get => At(indices);
            set => Assign(indices, value);
        }

        public Tensor index(params Tensor[] indices) => index(Array.ConvertAll(indices, TensorIndex.Tensor));

        public Tensor index(params TensorIndex[] indices)
        {
            using var view = View(indices, out var tensors);
            return tensors.Length > 0 ? Ops.index.Call(view, Arg.OptionalList(tensors)) : view.Share();
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor), accumulate);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            using var view = View(indices, out var tensors);
            if (accumulate && tensors.Length == 0)
                throw new ArgumentException("accumulate needs at least one tensor among the indices.", nameof(accumulate));
            if (tensors.Length > 0) Ops.indexPut_.InPlace(view, Arg.OptionalList(tensors), value, accumulate);
            else view.CopyFitting(value);
            return this;
        }

        public Tensor index_put_(Scalar value, params Tensor[] indices) =>
            index_put_(value, Array.ConvertAll(indices, TensorIndex.Tensor));

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using var view = View(indices, out var tensors);
            if (tensors.Length == 0)
            {
                view.fill_(value);
                return this;
            }

            using var filler = torch.full([], value, view.dtype, view.device);
            Ops.indexPut_.InPlace(view, Arg.OptionalList(tensors), filler, false);
            return this;
        }

        private Tensor At(ReadOnlySpan<long> indices)
        {
            var view = select(0, indices[0]);
            foreach (var position in indices[1..])
            {
                using var outer = view;
                view = outer.select(0, position);
            }

            return view;
        }

        private void Assign(ReadOnlySpan<long> indices, Tensor value)
        {
            using var view = At(indices);
            view.CopyFitting(value);
        }

        // A value may have leading dimensions of length one that the target lacks.
        private void CopyFitting(Tensor value)
        {
            var extra = (int)(value.dim() - dim());
            if (extra <= 0 || value.shape.Take(extra).Any(length => length != 1))
            {
                copy_(value);
                return;
            }

            using var trimmed = value.reshape(value.shape[extra..]);
            copy_(trimmed);
        }

        /// <summary>Applies the plain positions; the others are at their dimension in <paramref name="tensors"/>.</summary>
        private Tensor View(TensorIndex[] indices, out Tensor?[] tensors)
        {
            var chosen = new List<Tensor?>();
            var view = Share();
            var dim = 0;
            var surplus = 0; // a mask over k dimensions fills one place of the list
            var any = false;
            for (var i = 0; i < indices.Length; i++)
            {
                using var outer = view;
                ref readonly var position = ref indices[i];
                switch (position.kind)
                {
                    case TensorIndex.Kind.Single:
                        view = outer.select(dim, position.start ?? 0);
                        break;
                    case TensorIndex.Kind.Slice:
                        view = outer.Slice(dim++, position.start, position.stop, position.step);
                        break;
                    case TensorIndex.Kind.None:
                        view = outer.unsqueeze(dim++);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        dim += (int)outer.dim() - dim - indices.Skip(i + 1).Sum(Consumes);
                        view = outer.Share();
                        break;
                    case TensorIndex.Kind.Bool:
                        view = outer.unsqueeze(dim);
                        Put(torch.tensor([position.start != 0]), 1);
                        break;
                    case TensorIndex.Kind.Tensor when position.tensor!.dim() > 0:
                        view = outer.Share();
                        Put(position.tensor, Consumes(position));
                        break;
                    case TensorIndex.Kind.Tensor when IsMask(position.tensor!):
                        view = outer.unsqueeze(dim);
                        Put(position.tensor!.reshape(1), 1);
                        break;
                    case TensorIndex.Kind.Tensor:
                        view = outer.select(dim, position.tensor!.ToInt64());
                        break;
                    default:
                        throw new ArgumentException($"Unknown kind of index at position {i}.", nameof(indices));
                }
            }

            tensors = any ? [.. chosen] : [];
            return view;

            void Put(Tensor index, int dimensions)
            {
                any = true;
                while (chosen.Count < dim - surplus) chosen.Add(null);
                chosen.Add(index);
                dim += dimensions;
                surplus += dimensions - 1;
            }
        }

        // How many of the indexed tensor's dimensions a position uses up. A mask takes as many as it has.
        private static int Consumes(TensorIndex position) => position.kind switch
        {
            TensorIndex.Kind.Single or TensorIndex.Kind.Slice => 1,
            TensorIndex.Kind.Tensor => IsMask(position.tensor!) ? (int)position.tensor!.dim() : 1,
            _ => 0,
        };

        private static bool IsMask(Tensor index) => index.dtype is ScalarType.Bool or ScalarType.Byte;
    }
}

file static class Ops
{
    public static readonly Op index = new("index.Tensor"), indexPut_ = new("index_put_");
}
