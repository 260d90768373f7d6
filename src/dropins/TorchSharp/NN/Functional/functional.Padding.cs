using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op PadOp = new("pad");

            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad], mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, Pair(pad), mode, value);

            public static Tensor pad(
                Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            public static Tensor pad(
                Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, pad.ToArray(), mode, value);

            /// <summary>
            /// Puts a border around the last dimensions: before and after the last one, before and after the one before it,
            /// and so on.
            /// </summary>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                mode switch
                {
                    PaddingModes.Zeros => PadOp.Call(input, pad, "constant", 0.0),
                    PaddingModes.Constant => PadOp.Call(input, pad, "constant", value),
                    PaddingModes.Reflect => PadOp.Call(input, pad, "reflect"),
                    PaddingModes.Replicate => PadOp.Call(input, pad, "replicate"),
                    PaddingModes.Circular => PadOp.Call(input, pad, "circular"),
                    _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "There is no such padding mode."),
                };
        }
    }
}
