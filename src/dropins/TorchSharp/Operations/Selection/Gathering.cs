using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Elements chosen by tensors of indices or of truth values.
    public partial class Tensor
    {
        public Tensor gather(long dim, Tensor index) => Ops.gather.Call(this, dim, index);
        public Tensor index_select(long dim, Tensor index) => Ops.indexSelect.Call(this, dim, index);
        public Tensor take(Tensor index) => Ops.take.Call(this, index);
        public Tensor take_along_dim(Tensor indices) => Ops.takeAlongDim.Call(this, indices);
        public Tensor take_along_dim(Tensor indices, long dim) => Ops.takeAlongDim.Call(this, indices, dim);
        public Tensor nonzero() => Ops.nonzero.Call(this);
        public Tensor argwhere() => Ops.argwhere.Call(this);
        public IList<Tensor> nonzero_as_list() => Ops.nonzeroNumpy.CallList(this);

        public Tensor masked_select(Tensor mask) => Ops.maskedSelect.Call(this, mask);
        public Tensor masked_fill(Tensor mask, Scalar value) => Ops.maskedFill.Call(this, mask, value);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Ops.maskedFill_.InPlace(this, mask, value);
        public Tensor masked_scatter(Tensor mask, Tensor value) => Ops.maskedScatter.Call(this, mask, value);
        public Tensor masked_scatter_(Tensor mask, Tensor value) => Ops.maskedScatter_.InPlace(this, mask, value);

        /// <summary>This tensor where the condition holds, the other elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => Ops.where.Call(condition, this, y);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Ops.indexAdd.Call(this, dim, index, source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Ops.indexAdd_.InPlace(this, dim, index, source, alpha);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Ops.indexCopy.Call(this, dim, index, source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Ops.indexCopy_.InPlace(this, dim, index, source);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Ops.indexFill.Call(this, dim, index, value);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Ops.indexFill_.InPlace(this, dim, index, value);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Ops.scatter.Call(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Ops.scatter_.InPlace(this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Ops.scatterAdd.Call(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Ops.scatterAdd_.InPlace(this, dim, index, src);
    }

    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);

    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) =>
        Ops.gather.Call(input, dim, index, sparse_grad);

    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);
    public static Tensor take(Tensor input, Tensor index) => input.take(index);
    public static Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0) => input.take_along_dim(indices, dim);
    public static Tensor nonzero(Tensor input) => input.nonzero();
    public static Tensor argwhere(Tensor input) => input.argwhere();
    public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => x.where(condition, y);

    /// <summary>The coordinates at which the condition holds, one tensor per dimension.</summary>
    public static Tensor[] where(Tensor condition) => Ops.whereTrue.CallList(condition);

    public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) =>
        input.index_add(dim, index, source, alpha);

    public static Tensor index_add_(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) =>
        input.index_add_(dim, index, source, alpha);

    public static Tensor index_copy(Tensor input, long dim, Tensor index, Tensor source) => input.index_copy(dim, index, source);
    public static Tensor index_copy_(Tensor input, long dim, Tensor index, Tensor source) => input.index_copy_(dim, index, source);
    public static Tensor index_fill(Tensor input, long dim, Tensor index, Scalar value) => input.index_fill(dim, index, value);
    public static Tensor index_fill_(Tensor input, long dim, Tensor index, Scalar value) => input.index_fill_(dim, index, value);
    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => input.scatter(dim, index, src);
    public static Tensor scatter_(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_(dim, index, src);
    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add(dim, index, src);
    public static Tensor scatter_add_(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add_(dim, index, src);
}

file static class Ops
{
    public static readonly Op gather = new("gather"), indexSelect = new("index_select"), take = new("take");
    public static readonly Op takeAlongDim = new("take_along_dim"), nonzero = new("nonzero"), argwhere = new("argwhere");
    public static readonly Op nonzeroNumpy = new("nonzero_numpy"), maskedSelect = new("masked_select");
    public static readonly Op maskedFill = new("masked_fill.Scalar"), maskedFill_ = new("masked_fill_.Scalar");
    public static readonly Op maskedScatter = new("masked_scatter"), maskedScatter_ = new("masked_scatter_");
    public static readonly Op where = new("where.self"), whereTrue = new("where");
    public static readonly Op indexAdd = new("index_add"), indexAdd_ = new("index_add_");
    public static readonly Op indexCopy = new("index_copy"), indexCopy_ = new("index_copy_");
    public static readonly Op indexFill = new("index_fill.int_Scalar"), indexFill_ = new("index_fill_.int_Scalar");
    public static readonly Op scatter = new("scatter.src"), scatter_ = new("scatter_.src");
    public static readonly Op scatterAdd = new("scatter_add"), scatterAdd_ = new("scatter_add_");
}
