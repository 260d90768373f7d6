using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(
        Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(start, stop, 1, dtype, device, requires_grad);

    /// <summary>Numbers from start to before stop; int64 when all three are integers.</summary>
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false)
    {
        var integers = is_integral(start.Type) && is_integral(stop.Type) && is_integral(step.Type);
        var type = dtype ?? (integers ? ScalarType.Int64 : get_default_dtype());
        return Factory.Finish(Ops.arange.Call(start, stop, step, type, Arg.None, Factory.Device(device)), requires_grad);
    }

    public static Tensor linspace(
        double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Factory.Finish(Ops.linspace.Call(start, end, steps, Factory.Type(dtype), Arg.None, Factory.Device(device)), requires_grad);

    public static Tensor logspace(
        double start,
        double end,
        long steps,
        double @base = 10,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false) =>
        Factory.Finish(Ops.logspace.Call(start, end, steps, @base, Factory.Type(dtype), Arg.None, Factory.Device(device)), requires_grad);

    public static Tensor eye(
        long rows,
        long columns = -1L,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null)
    {
        var created = Ops.eye.Call(rows, columns == -1 ? rows : columns, Factory.Type(dtype), Arg.None, Factory.Device(device));
        return Factory.Finish(created, requires_grad, names);
    }

    public static Tensor tril_indices(
        long row, long col, long offset = 0L, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        Ops.trilIndices.Call(row, col, offset, dtype, Arg.None, Factory.Device(device));

    public static Tensor triu_indices(
        long row, long col, long offset = 0L, ScalarType dtype = ScalarType.Int64, Device? device = null) =>
        Ops.triuIndices.Call(row, col, offset, dtype, Arg.None, Factory.Device(device));

    public static Tensor empty_strided(
        long[] size,
        long[] strides,
        ScalarType? dtype = null,
        Device? device = null,
        bool requires_grad = false,
        string[]? names = null)
    {
        var created = Ops.emptyStrided.Call(size, strides, Factory.Type(dtype), Arg.None, Factory.Device(device));
        return Factory.Finish(created, requires_grad, names);
    }
}

file static class Ops
{
    public static readonly Op arange = new("arange.start_step"), linspace = new("linspace"), logspace = new("logspace");
    public static readonly Op eye = new("eye.m"), emptyStrided = new("empty_strided");
    public static readonly Op trilIndices = new("tril_indices"), triuIndices = new("triu_indices");
}
