using System.Collections;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A shape.</summary>
    public struct Size : IEnumerable<long>
    {
        public static Size Empty = new(Array.Empty<long>());

        public Size(long[] shape) => Shape = (long[])shape.Clone();

        public Size(int[] shape) => Shape = Array.ConvertAll(shape, length => (long)length);

        public Size(IEnumerable<long> shape) => Shape = shape.ToArray();

        public Size(long size) => Shape = [size];

        public Size((long, long) size) => Shape = [size.Item1, size.Item2];

        public Size((long, long, long) size) => Shape = [size.Item1, size.Item2, size.Item3];

        public Size((long, long, long, long) size) => Shape = [size.Item1, size.Item2, size.Item3, size.Item4];

        public readonly long this[int idx] => Shape[idx];

        public readonly long this[long idx] => Shape[idx];

        public readonly int Length => Shape.Length;

        public readonly bool IsEmpty => Length == 0;

        public readonly bool IsScalar => IsEmpty;

        public long[] Shape { get; private set; }

        public static implicit operator Size(long size) => new(size);

        public static implicit operator Size(long[] size) => new(size);

        public static implicit operator Size((long, long) size) => new(size);

        public static implicit operator Size((long, long, long) size) => new(size);

        public static implicit operator Size((long, long, long, long) size) => new(size);

        public static Size operator +(Size left, Size right) => new(left.Shape.Concat(right.Shape));

        public static Size operator +(Size left, IEnumerable<long> right) => new(left.Shape.Concat(right));

        public static bool operator ==(Size left, Size right) => left.Shape.AsSpan().SequenceEqual(right.Shape);

        public static bool operator !=(Size left, Size right) => !(left == right);

        /// <summary>The lengths from one dimension to before another; negative ones count from the end.</summary>
        public readonly Size Slice(int first, int next)
        {
            if (first < 0) first += Length;
            if (next < 0) next += Length;
            return next <= first ? Empty : new Size(Shape[first..next]);
        }

        public readonly IEnumerable<long> Take(int i) => Shape.Take(i);

        public readonly long numel() => Shape.Aggregate(1L, (product, length) => product * length);

        public readonly IEnumerator<long> GetEnumerator() => Shape.AsEnumerable().GetEnumerator();

        readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override readonly bool Equals(object? obj) => obj is Size other && this == other;

        public override readonly int GetHashCode()
        {
            var hash = default(HashCode);
            foreach (var length in Shape) hash.Add(length);
            return hash.ToHashCode();
        }
    }
}
