using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Views of a tensor's parts.
    public partial class Tensor
    {
        public Tensor[] chunk(long chunks, long dim = 0L) => Ops.chunk.CallList(this, chunks, dim);

        /// <summary>Pieces of one size; the last may be smaller.</summary>
        public Tensor[] split(long size, int dim = 0) => Ops.split.CallList(this, size, dim);

        public Tensor[] split(long[] sizes, long dim = 0) => Ops.splitSizes.CallList(this, sizes, dim);
        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => split(sizes.ToArray(), dim);
        public Tensor[] split(params long[] sizes) => split(sizes, 0);
        public Tensor[] tensor_split(long size, long dim = 0L) => Ops.tensorSplit.CallList(this, size, dim);
        public Tensor[] tensor_split(long[] sizes, long dim = 0) => Ops.tensorSplitAt.CallList(this, sizes, dim);
        public Tensor[] unbind(long dimension = 0L) => Ops.unbind.CallList(this, dimension);

        public Tensor narrow(long dim, long start, long length) => Ops.narrow.Call(this, dim, start, length);
        public Tensor select(long dim, long index) => Ops.select.Call(this, dim, index);
        public Tensor slice(long dim, long start, long finish, long step) => Ops.slice.Call(this, dim, start, finish, step);

        internal Tensor Slice(long dim, long? start, long? finish, long? step) => Ops.slice.Call(this, dim, start, finish, step ?? 1);
    }

    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0L) => input.chunk(chunks, dim);
    public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0L) => tensor.split(split_size_or_sections, dim);
    public static Tensor[] tensor_split(Tensor input, long indices_or_sections, long dim = 0L) => input.tensor_split(indices_or_sections, dim);
    public static Tensor[] tensor_split(Tensor input, long[] indices_or_sections, long dim = 0L) => input.tensor_split(indices_or_sections, dim);
    public static Tensor[] unbind(Tensor input, long dim = 0L) => input.unbind(dim);
    public static Tensor[] unbind(Tensor tensor, int dim = 0) => tensor.unbind(dim);
    public static Tensor narrow(Tensor input, long dim, long start, long length) => input.narrow(dim, start, length);
    public static Tensor select(Tensor input, long dim, long index) => input.select(dim, index);
}

file static class Ops
{
    public static readonly Op chunk = new("chunk"), split = new("split.Tensor"), splitSizes = new("split_with_sizes");
    public static readonly Op tensorSplit = new("tensor_split.sections"), tensorSplitAt = new("tensor_split.indices");
    public static readonly Op unbind = new("unbind.int"), narrow = new("narrow"), select = new("select.int"), slice = new("slice.Tensor");
}
