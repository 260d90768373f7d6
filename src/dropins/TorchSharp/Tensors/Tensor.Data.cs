using System.Numerics;
using TorchSharp.Interop;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    // A tensor's memory, seen from .NET.
    public partial class Tensor
    {
        /// <summary>
        /// The memory of a contiguous CPU tensor; valid while the tensor lives. Setting copies.
        /// </summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var total = NumberOfElements * ElementSize;
                RequireReadable(total);
                return new Span<byte>((void*)DataPointer(), (int)total);
            }

            set
            {
                if (!is_contiguous()) throw new InvalidOperationException("SetBytes() called on non-contiguous tensor.");
                if (NumberOfElements * ElementSize != value.Length) throw new ArgumentException("Mismatched data sizes in SetBytes().");
                RequireReadable(0);
                value.CopyTo(new Span<byte>((void*)DataPointer(), value.Length));
                GC.KeepAlive(this);
            }
        }

        /// <summary>Typed access to the elements, whatever the strides.</summary>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateType(typeof(T));
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException("Number of elements in the tensor must be 1");
            ValidateType(typeof(T));
            if (device_type == DeviceType.CPU) return ReadItem<T>();
            using var copy = cpu();
            return copy.ReadItem<T>();
        }

        /// <summary>The only element, as a number.</summary>
        public Scalar ToScalar() => dtype switch
        {
            ScalarType.Byte => item<byte>(),
            ScalarType.Int8 => item<sbyte>(),
            ScalarType.Int16 => item<short>(),
            ScalarType.Int32 => item<int>(),
            ScalarType.Int64 => item<long>(),
            ScalarType.Float16 => item<Half>(),
            ScalarType.Float32 => item<float>(),
            ScalarType.Float64 => item<double>(),
            ScalarType.BFloat16 => item<BFloat16>(),
            ScalarType.Bool => item<bool>(),
            ScalarType.ComplexFloat32 => item<(float, float)>(),
            ScalarType.ComplexFloat64 => item<Complex>(),
            var type => throw new NotSupportedException($"A tensor of type {type} has no scalar value."),
        };

        public byte ReadCpuByte(long i) => TensorAccessor<byte>.ReadItemAt(this, i);
        public sbyte ReadCpuSByte(long i) => TensorAccessor<sbyte>.ReadItemAt(this, i);
        public short ReadCpuInt16(long i) => TensorAccessor<short>.ReadItemAt(this, i);
        public int ReadCpuInt32(long i) => TensorAccessor<int>.ReadItemAt(this, i);
        public long ReadCpuInt64(long i) => TensorAccessor<long>.ReadItemAt(this, i);
        public float ReadCpuSingle(long i) => TensorAccessor<float>.ReadItemAt(this, i);
        public double ReadCpuDouble(long i) => TensorAccessor<double>.ReadItemAt(this, i);
        public bool ReadCpuBool(long i) => TensorAccessor<bool>.ReadItemAt(this, i);
        public float ReadCpuFloat16(long i) => (float)TensorAccessor<Half>.ReadItemAt(this, i);
        public float ReadCpuBFloat16(long i) => TensorAccessor<BFloat16>.ReadItemAt(this, i).ToSingle();
        public T ReadCpuValue<T>(long i) where T : unmanaged => TensorAccessor<T>.ReadItemAt(this, i);

        /// <summary>Writes the elements' bytes; the tensor must be contiguous and on the CPU.</summary>
        public unsafe void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            RequireReadable(0);
            var from = (byte*)DataPointer();
            var left = NumberOfElements * ElementSize;
            // A span holds at most int.MaxValue bytes; the stream does its own buffering.
            for (var piece = Math.Max(bufferSize, 1 << 20); left > 0; left -= piece, from += piece)
                stream.Write(new ReadOnlySpan<byte>(from, (int)Math.Min(left, piece)));
            GC.KeepAlive(this);
        }

        /// <summary>Fills the elements from bytes; the tensor must be contiguous and on the CPU.</summary>
        public unsafe void ReadBytesFromStream(Stream stream, int bufferSize = 1024)
        {
            RequireReadable(0);
            var to = (byte*)DataPointer();
            var left = NumberOfElements * ElementSize;
            for (var piece = Math.Max(bufferSize, 1 << 20); left > 0; left -= piece, to += piece)
                stream.ReadExactly(new Span<byte>(to, (int)Math.Min(left, piece)));
            GC.KeepAlive(this);
        }

        internal void ValidateType(Type type)
        {
            var mine = dtype;
            if (ToScalarType(type) != mine) throw new ArgumentException($"{type.Name} is not compatible with {mine}");
        }

        /// <summary>Where the elements begin. The caller keeps the tensor alive.</summary>
        internal nint DataPointer() => Native.CheckOptional(Native.ht_tensor_data(Handle));

        private unsafe T ReadItem<T>() where T : unmanaged
        {
            var value = *(T*)DataPointer();
            GC.KeepAlive(this);
            return value;
        }

        private void RequireReadable(long bytes)
        {
            if (!is_contiguous()) throw new InvalidOperationException("Bytes() called on non-contiguous tensor.");
            if (bytes > int.MaxValue) throw new ArgumentException("Span only supports up to int.MaxValue elements.");
            if (device_type != DeviceType.CPU)
                throw new InvalidOperationException(
                    "Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        }
    }
}
