using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Sums, means, products and extremes over all elements or over dimensions.
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Ops.sum.Call(this, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
            sum([dim0, dim1, dim2], keepdim, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Ops.sumDim.Call(this, dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => sum(dim.ToArray(), keepdim, type);

        public Tensor mean() => Ops.mean.Call(this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Ops.meanDim.Call(this, dimensions, keepdim, type);

        public Tensor prod(ScalarType? type = null) => Ops.prod.Call(this, type);
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Ops.prodDim.Call(this, dim, keepdim, type);

        public Tensor all() => Ops.all.Call(this);
        public Tensor all(long dim, bool keepdim = false) => Ops.allDim.Call(this, dim, keepdim);
        public Tensor any() => Ops.any.Call(this);
        public Tensor any(long dim, bool keepdim = false) => Ops.anyDim.Call(this, dim, keepdim);

        public Tensor max() => Ops.max.Call(this);
        public Tensor max(Tensor other) => Ops.maxOf.Call(this, other);
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Ops.maxDim.Call2(this, dim, keepdim);
        public Tensor min() => Ops.min.Call(this);
        public Tensor min(Tensor other) => Ops.minOf.Call(this, other);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Ops.minDim.Call2(this, dim, keepdim);
        public Tensor amax(params long[] dims) => Ops.amax.Call(this, dims);
        public Tensor amin(params long[] dims) => Ops.amin.Call(this, dims);
        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false) => Ops.aminmax.Call2(this, dim, keepdim);
        public Tensor argmax() => Ops.argmax.Call(this);
        public Tensor argmax(long dim, bool keepdim = false) => Ops.argmax.Call(this, dim, keepdim);
        public Tensor argmin() => Ops.argmin.Call(this);
        public Tensor argmin(long dim, bool keepdim = false) => Ops.argmin.Call(this, dim, keepdim);

        public Tensor median() => Ops.median.Call(this);
        public Tensor nanmedian() => Ops.nanmedian.Call(this);
        public Tensor nansum() => Ops.nansum.Call(this);
        public Tensor logsumexp(long dim, bool keepdim = false) => Ops.logsumexp.Call(this, new[] { dim }, keepdim);
        public Tensor count_nonzero(long[]? dims = null) =>
            dims is null ? Ops.countNonzero.Call(this) : Ops.countNonzeroDim.Call(this, dims);

        public Tensor norm(float p = 2.0f) => Ops.norm.Call(this, p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => Ops.normDim.Call(this, p, new[] { (long)dim }, keepdim);

        public Tensor dist(Tensor other, float p = 2.0f) => Ops.dist.Call(this, other, p);

        public Tensor cumsum(long dim, ScalarType? type = null) => Ops.cumsum.Call(this, dim, type);
        public Tensor cumprod(long dim, ScalarType? type = null) => Ops.cumprod.Call(this, dim, type);
        public (Tensor values, Tensor indexes) cummax(long dim) => Ops.cummax.Call2(this, dim);
        public (Tensor values, Tensor indexes) cummin(long dim) => Ops.cummin.Call2(this, dim);
        public Tensor logcumsumexp(long dim) => Ops.logcumsumexp.Call(this, dim);
    }

    public static Tensor sum(Tensor input, ScalarType? type = null) => input.sum(type);
    public static Tensor sum(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) => input.sum(dim, keepdim, type);
    public static Tensor sum(Tensor input, ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
        input.sum(dim, keepdim, type);

    public static Tensor mean(Tensor input) => input.mean();
    public static Tensor mean(Tensor input, long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
        input.mean(dimensions, keepdim, type);

    public static Tensor prod(Tensor input, ScalarType? type = null) => input.prod(type);
    public static Tensor prod(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) => input.prod(dim, keepdim, type);
    public static Tensor all(Tensor input) => input.all();
    public static Tensor all(Tensor input, long dim, bool keepdim = false) => input.all(dim, keepdim);
    public static Tensor any(Tensor input) => input.any();
    public static Tensor any(Tensor input, long dim, bool keepdim = false) => input.any(dim, keepdim);
    public static Tensor argmax(Tensor input) => input.argmax();
    public static Tensor argmax(Tensor input, long dim, bool keepdim = false) => input.argmax(dim, keepdim);
    public static Tensor argmin(Tensor input) => input.argmin();
    public static Tensor argmin(Tensor input, long dim, bool keepdim = false) => input.argmin(dim, keepdim);
    public static Tensor max(Tensor input) => input.max();
    public static Tensor max(Tensor input, Tensor other) => input.max(other);
    public static (Tensor values, Tensor indexes) max(Tensor input, long dim, bool keepdim = false) => input.max(dim, keepdim);
    public static Tensor min(Tensor input) => input.min();
    public static Tensor min(Tensor input, Tensor other) => input.min(other);
    public static (Tensor values, Tensor indexes) min(Tensor input, long dim, bool keepdim = false) => input.min(dim, keepdim);
    public static Tensor amax(Tensor input, long[] dims) => input.amax(dims);
    public static (Tensor min, Tensor max) aminmax(Tensor input, long? dim = null, bool keepdim = false) => input.aminmax(dim, keepdim);
    public static Tensor median(Tensor input) => input.median();
    public static Tensor nanmedian(Tensor input) => input.nanmedian();
    public static Tensor nansum(Tensor input) => input.nansum();
    public static Tensor logsumexp(Tensor input, long dim, bool keepdim = false) => input.logsumexp(dim, keepdim);
    public static Tensor count_nonzero(Tensor input, long[]? dims = null) => input.count_nonzero(dims);
    public static Tensor norm(Tensor input) => input.norm();
    public static Tensor norm(Tensor input, float p = 2.0f) => input.norm(p);
    public static Tensor norm(Tensor input, int dimension, bool keepdim = false, float p = 2.0f) => input.norm(dimension, keepdim, p);
    public static Tensor dist(Tensor input, Tensor other, float p = 2.0f) => input.dist(other, p);
    public static Tensor cumsum(Tensor input, long dim, ScalarType? type = null) => input.cumsum(dim, type);
    public static Tensor cumprod(Tensor input, long dim, ScalarType? dtype = null) => input.cumprod(dim, dtype);
    public static (Tensor values, Tensor indices) cummax(Tensor input, long dim) => input.cummax(dim);
    public static (Tensor values, Tensor indices) cummin(Tensor input, long dim) => input.cummin(dim);
    public static Tensor logcumsumexp(Tensor input, long dim) => input.logcumsumexp(dim);
}

file static class Ops
{
    public static readonly Op sum = new("sum"), sumDim = new("sum.dim_IntList"), mean = new("mean"), meanDim = new("mean.dim");
    public static readonly Op prod = new("prod"), prodDim = new("prod.dim_int");
    public static readonly Op all = new("all"), allDim = new("all.dim"), any = new("any"), anyDim = new("any.dim");
    public static readonly Op max = new("max"), maxOf = new("max.other"), maxDim = new("max.dim");
    public static readonly Op min = new("min"), minOf = new("min.other"), minDim = new("min.dim");
    public static readonly Op amax = new("amax"), amin = new("amin"), aminmax = new("aminmax");
    public static readonly Op argmax = new("argmax"), argmin = new("argmin");
    public static readonly Op median = new("median"), nanmedian = new("nanmedian"), nansum = new("nansum");
    public static readonly Op logsumexp = new("logsumexp"), countNonzero = new("count_nonzero"), countNonzeroDim = new("count_nonzero.dim_IntList");
    public static readonly Op norm = new("norm.Scalar"), normDim = new("norm.ScalarOpt_dim"), dist = new("dist");
    public static readonly Op cumsum = new("cumsum"), cumprod = new("cumprod"), cummax = new("cummax"), cummin = new("cummin");
    public static readonly Op logcumsumexp = new("logcumsumexp");
}
