using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // One tensor from several.
    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Ops.cat.Call(Arg.List(tensors), dim);
    public static Tensor cat(Tensor[] tensors, long dim = 0) => Ops.cat.Call(tensors, dim);
    public static Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors.ToArray(), dim);
    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);
    public static Tensor concat(Tensor[] tensors, long dim = 0) => cat(tensors, dim);
    public static Tensor concat(ReadOnlySpan<Tensor> tensors, long dim = 0) => cat(tensors, dim);
    public static Tensor concatenate(IList<Tensor> tensors, long axis = 0) => cat(tensors, axis);
    public static Tensor concatenate(Tensor[] tensors, long axis = 0) => cat(tensors, axis);
    public static Tensor concatenate(ReadOnlySpan<Tensor> tensors, long axis = 0) => cat(tensors, axis);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Ops.stack.Call(Arg.List(tensors), dim);

    public static Tensor hstack(params Tensor[] tensors) => Ops.hstack.Call(tensors);
    public static Tensor hstack(IList<Tensor> tensors) => Ops.hstack.Call(Arg.List(tensors));
    public static Tensor hstack(IEnumerable<Tensor> tensors) => Ops.hstack.Call(Arg.List(tensors));
    public static Tensor hstack(ReadOnlySpan<Tensor> tensors) => hstack(tensors.ToArray());
    public static Tensor vstack(Tensor[] tensors) => Ops.vstack.Call(tensors);
    public static Tensor vstack(IList<Tensor> tensors) => Ops.vstack.Call(Arg.List(tensors));
    public static Tensor vstack(ReadOnlySpan<Tensor> tensors) => vstack(tensors.ToArray());
    public static Tensor row_stack(params Tensor[] tensors) => vstack(tensors);
    public static Tensor row_stack(IList<Tensor> tensors) => vstack(tensors);
    public static Tensor row_stack(ReadOnlySpan<Tensor> tensors) => vstack(tensors);
    public static Tensor dstack(params Tensor[] tensors) => Ops.dstack.Call(tensors);
    public static Tensor dstack(IList<Tensor> tensors) => Ops.dstack.Call(Arg.List(tensors));
    public static Tensor dstack(IEnumerable<Tensor> tensors) => Ops.dstack.Call(Arg.List(tensors));
    public static Tensor dstack(ReadOnlySpan<Tensor> tensors) => dstack(tensors.ToArray());
    public static Tensor column_stack(params Tensor[] tensors) => Ops.columnStack.Call(tensors);
    public static Tensor column_stack(IList<Tensor> tensors) => Ops.columnStack.Call(Arg.List(tensors));
    public static Tensor column_stack(ReadOnlySpan<Tensor> tensors) => column_stack(tensors.ToArray());
    public static Tensor block_diag(params Tensor[] tensors) => Ops.blockDiag.Call(tensors);

    public static Tensor tile(Tensor input, long[] dims) => input.tile(dims);

    public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);

    public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);

    public static Tensor flip(Tensor input, params long[] dims) => input.flip(dims);
    public static Tensor fliplr(Tensor input) => input.fliplr();
    public static Tensor flipud(Tensor input) => input.flipud();
    public static Tensor roll(Tensor input, long shifts, long? dims = null) => input.roll(shifts, dims);
    public static Tensor roll(Tensor input, long[] shifts, long[] dims) => input.roll(shifts, dims);

    // Copies of a tensor's parts, in another order.
    public partial class Tensor
    {
        public Tensor repeat(params long[] sizes) => Ops.repeat.Call(this, sizes);
        public Tensor tile(long[] reps) => Ops.tile.Call(this, reps);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Ops.repeatInterleave.Call(this, repeats, dim, output_size);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Ops.repeatInterleaveEach.Call(this, repeats, dim, output_size);

        public Tensor flip(params long[] dims) => Ops.flip.Call(this, dims);
        public Tensor fliplr() => Ops.fliplr.Call(this);
        public Tensor flipud() => Ops.flipud.Call(this);

        public Tensor roll(long shifts, long? dims = null) =>
            Ops.roll.Call(this, new[] { shifts }, dims is { } one ? new[] { one } : Array.Empty<long>());

        public Tensor roll(long[] shifts, long[] dims) => Ops.roll.Call(this, shifts, dims);
    }
}

file static class Ops
{
    public static readonly Op cat = new("cat"), stack = new("stack"), hstack = new("hstack"), vstack = new("vstack");
    public static readonly Op dstack = new("dstack"), columnStack = new("column_stack"), blockDiag = new("block_diag");
    public static readonly Op repeat = new("repeat"), tile = new("tile"), flip = new("flip"), fliplr = new("fliplr");
    public static readonly Op flipud = new("flipud"), roll = new("roll");
    public static readonly Op repeatInterleave = new("repeat_interleave.self_int");
    public static readonly Op repeatInterleaveEach = new("repeat_interleave.self_Tensor");
}
