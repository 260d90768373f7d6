namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            // What libtorch repeats for every spatial dimension when a list has one element.
            private static readonly long[] Ones = [1];
            private static readonly long[] Zeros = [0];

            private static long[] One(long? value) => value is { } given ? [given] : Ones;

            private static long[] Zero(long? value) => value is { } given ? [given] : Zeros;

            private static long[] Pair((long, long) value) => [value.Item1, value.Item2];

            private static long[]? Pair((long, long)? value) => value is { } given ? Pair(given) : null;
        }
    }
}
