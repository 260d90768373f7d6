using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Orders and distinct values.
    public partial class Tensor
    {
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Ops.sort.Call2(this, stable, dim, descending);

        public Tensor argsort(long dim = -1, bool descending = false) => Ops.argsort.Call(this, dim, descending);

        public Tensor msort() => Ops.msort.Call(this);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Ops.topk.Call2(this, k, dim, largest, sorted);

        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) =>
            Ops.kthvalue.Call2(this, k, dim ?? -1, keepdim);

        public (Tensor values, Tensor indices) mode(long dim = -1L, bool keepdim = false) => Ops.mode.Call2(this, dim, keepdim);

        public Tensor bincount(Tensor? weights, long minlength = 0) => Ops.bincount.Call(this, weights, minlength);

        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
            Ops.bucketize.Call(this, boundaries, outInt32, right);

        /// <summary>The distinct values; where they were found and how often only if asked for, else null.</summary>
        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            Asked(
                dim is { } one
                    ? Ops.uniqueDim.Call3(this, one, sorted, return_inverse, return_counts)
                    : Ops.unique.Call3(this, sorted, return_inverse, return_counts),
                return_inverse,
                return_counts);

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(
            bool return_inverse = false, bool return_counts = false, int? dim = null) =>
            Asked(Ops.uniqueConsecutive.Call3(this, return_inverse, return_counts, dim), return_inverse, return_counts);

        private static (Tensor, Tensor?, Tensor?) Asked((Tensor Values, Tensor Inverse, Tensor Counts) found, bool inverse, bool counts)
        {
            if (!inverse) found.Inverse?.Dispose();
            if (!counts) found.Counts?.Dispose();
            return (found.Values, inverse ? found.Inverse : null, counts ? found.Counts : null);
        }
    }

    public static (Tensor values, Tensor indices) sort(Tensor input, long dim = -1, bool descending = false, bool stable = false) =>
        input.sort(dim, descending, stable);

    public static Tensor argsort(Tensor input, long dim = -1, bool descending = false) => input.argsort(dim, descending);

    public static Tensor msort(Tensor tensor) => tensor.msort();

    public static (Tensor values, Tensor indices) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true) =>
        tensor.topk(k, dim, largest, sorted);

    public static (Tensor values, Tensor indices) kthvalue(Tensor input, long k, long? dim, bool keepdim = false) =>
        input.kthvalue(k, dim, keepdim);

    public static (Tensor values, Tensor indices) mode(Tensor input, long dim = -1L, bool keepdim = false) => input.mode(dim, keepdim);

    public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) => input.bincount(weights, minlength);

    public static Tensor bucketize(Tensor input, Tensor boundaries, bool outInt32 = false, bool right = false) =>
        input.bucketize(boundaries, outInt32, right);

    public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
        Tensor input, bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        input.unique(sorted, return_inverse, return_counts, dim);

    public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(
        Tensor input, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        input.unique_consecutive(return_inverse, return_counts, dim);
}

file static class Ops
{
    public static readonly Op sort = new("sort.stable"), argsort = new("argsort"), msort = new("msort"), topk = new("topk");
    public static readonly Op kthvalue = new("kthvalue"), mode = new("mode"), bincount = new("bincount"), bucketize = new("bucketize.Tensor");
    public static readonly Op unique = new("_unique2"), uniqueDim = new("unique_dim"), uniqueConsecutive = new("unique_consecutive");
}
