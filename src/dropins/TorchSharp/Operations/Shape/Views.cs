using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Other shapes of the same elements; where libtorch can, on the same memory.
    public partial class Tensor
    {
        public Tensor T => Ops.numpyT.Call(this);
        public Tensor H => Ops.matrixH.Call(this);
        public Tensor mT => Ops.mT.Call(this);
        public Tensor mH => Ops.mH.Call(this);

        public Tensor view(params long[] shape) => Ops.view.Call(this, shape);
        public Tensor view_as(Tensor other) => view(other.shape);
        public Tensor reshape(params long[] shape) => Ops.reshape.Call(this, shape);
        public Tensor ravel() => Ops.ravel.Call(this);
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Ops.flatten.Call(this, start_dim, end_dim);
        public Tensor unflatten(long dim, params long[] sizes) => Ops.unflatten.Call(this, dim, sizes);
        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        public Tensor squeeze(long? dim = null) => dim is { } one ? Ops.squeezeOne.Call(this, one) : Ops.squeeze.Call(this);
        public Tensor squeeze_(long? dim = null) => dim is { } one ? Ops.squeezeOne_.InPlace(this, one) : Ops.squeeze_.InPlace(this);
        public Tensor unsqueeze(long dim) => Ops.unsqueeze.Call(this, dim);
        public Tensor unsqueeze_(long dim) => Ops.unsqueeze_.InPlace(this, dim);

        public Tensor t() => Ops.t.Call(this);
        public Tensor transpose(long dim0, long dim1) => Ops.transpose.Call(this, dim0, dim1);
        public Tensor transpose_(long dim0, long dim1) => Ops.transpose_.InPlace(this, dim0, dim1);
        public Tensor adjoint() => Ops.adjoint.Call(this);
        public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);
        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);
        public Tensor permute(params long[] permutation) => Ops.permute.Call(this, permutation);
        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());
        public Tensor movedim(long[] source, long[] destination) => Ops.movedim.Call(this, source, destination);
        public Tensor moveaxis(long[] source, long[] destination) => movedim(source, destination);

        public Tensor expand(params long[] sizes) => Ops.expand.Call(this, sizes);
        public Tensor expand(long[] sizes, bool isImplicit = false) => Ops.expand.Call(this, sizes, isImplicit);
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => expand(sizes.ToArray(), isImplicit);
        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);
        public Tensor expand_as(Tensor other) => Ops.expandAs.Call(this, other);
        public Tensor broadcast_to(params long[] shape) => Ops.broadcastTo.Call(this, shape);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L) =>
            Ops.asStrided.Call(this, size, strides, storageOffset);

        public Tensor unfold(long dimension, long size, long step) => Ops.unfold.Call(this, dimension, size, step);

        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L) => Ops.diagonal.Call(this, offset, dim1, dim2);
        public Tensor diag(long diagonal = 0) => Ops.diag.Call(this, diagonal);
        public Tensor diagflat(long offset = 0) => Ops.diagflat.Call(this, offset);
        public Tensor diag_embed(long offset = 0L, long dim1 = -2L, long dim2 = -1L) => Ops.diagEmbed.Call(this, offset, dim1, dim2);
        public Tensor tril(long diagonal = 0) => Ops.tril.Call(this, diagonal);
        public Tensor tril_(long diagonal = 0) => Ops.tril_.InPlace(this, diagonal);
        public Tensor triu(long diagonal = 0) => Ops.triu.Call(this, diagonal);
        public Tensor triu_(long diagonal = 0) => Ops.triu_.InPlace(this, diagonal);
    }

    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);
    public static Tensor ravel(Tensor input) => input.ravel();
    public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => input.flatten(start_dim, end_dim);
    public static Tensor unflatten(Tensor input, long dim, params long[] sizes) => input.unflatten(dim, sizes);
    public static Tensor unflatten(Tensor input, long dim, Size sizes) => input.unflatten(dim, sizes);
    public static Tensor squeeze(Tensor input, long? dim = null) => input.squeeze(dim);
    public static Tensor squeeze_(Tensor input, long? dim = null) => input.squeeze_(dim);
    public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);
    public static Tensor unsqueeze_(Tensor input, long dim) => input.unsqueeze_(dim);
    public static Tensor t(Tensor input) => input.t();
    public static Tensor transpose(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);
    public static Tensor adjoint(Tensor input) => input.adjoint();
    public static Tensor swapdims(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);
    public static Tensor swapaxes(Tensor input, long axis0, long axis1) => input.transpose(axis0, axis1);
    public static Tensor permute(Tensor input, params long[] permutation) => input.permute(permutation);
    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);
    public static Tensor movedim(Tensor input, long[] source, long[] destination) => input.movedim(source, destination);
    public static Tensor moveaxis(Tensor input, long source, long destination) => input.movedim([source], [destination]);
    public static Tensor moveaxis(Tensor input, long[] source, long[] destination) => input.movedim(source, destination);
    public static Tensor broadcast_to(Tensor input, params long[] shape) => input.broadcast_to(shape);
    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => Ops.broadcastTensors.CallList(tensors);
    public static Tensor diagonal(Tensor input, long offset = 0L, long dim1 = 0L, long dim2 = 1L) => input.diagonal(offset, dim1, dim2);
    public static Tensor diag(Tensor input, long diagonal = 0) => input.diag(diagonal);
    public static Tensor diagflat(Tensor input, long offset = 0) => input.diagflat(offset);

    public static Tensor diag_embed(Tensor input, long offset = 0L, long dim1 = -2L, long dim2 = -1L) =>
        input.diag_embed(offset, dim1, dim2);

    public static Tensor tril(Tensor input, long diagonal = 0) => input.tril(diagonal);
    public static Tensor tril_(Tensor input, long diagonal = 0) => input.tril_(diagonal);
    public static Tensor triu(Tensor input, long diagonal = 0) => input.triu(diagonal);
    public static Tensor triu_(Tensor input, long diagonal = 0) => input.triu_(diagonal);
}

file static class Ops
{
    public static readonly Op view = new("view"), reshape = new("reshape"), ravel = new("ravel");
    public static readonly Op flatten = new("flatten.using_ints"), unflatten = new("unflatten.int");
    public static readonly Op squeeze = new("squeeze"), squeezeOne = new("squeeze.dim");
    public static readonly Op squeeze_ = new("squeeze_"), squeezeOne_ = new("squeeze_.dim");
    public static readonly Op unsqueeze = new("unsqueeze"), unsqueeze_ = new("unsqueeze_");
    public static readonly Op t = new("t"), transpose = new("transpose.int"), transpose_ = new("transpose_");
    public static readonly Op numpyT = new("numpy_T"), matrixH = new("matrix_H"), mT = new("mT"), mH = new("mH");
    public static readonly Op adjoint = new("adjoint"), permute = new("permute"), movedim = new("movedim.intlist");
    public static readonly Op expand = new("expand"), expandAs = new("expand_as"), broadcastTo = new("broadcast_to");
    public static readonly Op broadcastTensors = new("broadcast_tensors"), asStrided = new("as_strided"), unfold = new("unfold");
    public static readonly Op diagonal = new("diagonal"), diag = new("diag"), diagflat = new("diagflat"), diagEmbed = new("diag_embed");
    public static readonly Op tril = new("tril"), tril_ = new("tril_"), triu = new("triu"), triu_ = new("triu_");
}
