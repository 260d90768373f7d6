using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    // Shape, element type, device and layout.
    public partial class Tensor
    {
        private static readonly Device _cpu = new(DeviceType.CPU);

        public long Dimensions => Read(Native.ht_tensor_dim(Handle));

        public long ndim => Dimensions;

        public long NumberOfElements => Read(Native.ht_tensor_numel(Handle));

        public long ElementSize => dtype.ElementSize();

        public ScalarType dtype => (ScalarType)Read(Native.ht_tensor_dtype(Handle));

        public Device device
        {
            get
            {
                var type = device_type;
                return type == DeviceType.CPU ? _cpu : new Device(type, device_index);
            }
        }

        public DeviceType device_type => (DeviceType)(int)Read(Native.ht_tensor_device(Handle));

        public int device_index => (int)(Read(Native.ht_tensor_device(Handle)) >> 32);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_meta => device_type == DeviceType.META;

        public bool is_sparse => Read(Native.ht_tensor_is_sparse(Handle)) != 0;

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[Dimensions];
                fixed (long* first = sizes) Native.ht_tensor_sizes(Handle, first);
                GC.KeepAlive(this);
                return sizes;
            }
        }

        public long dim() => Dimensions;

        public long numel() => NumberOfElements;

        public long element_size() => ElementSize;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_quantized() => torch.is_quantized(dtype);

        public bool is_contiguous() => Read(Native.ht_tensor_is_contiguous(Handle)) != 0;

        public long[] size() => shape;

        public long size(int dim) => shape[Wrap(dim)];

        public unsafe long[] stride()
        {
            var strides = new long[Dimensions];
            fixed (long* first = strides) Native.Check(Native.ht_tensor_strides(Handle, first));
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim) => stride()[Wrap(dim)];

        public long storage_offset() => Read(Native.ht_tensor_storage_offset(Handle));

        // A negative dimension counts from the end.
        private int Wrap(int dim)
        {
            var rank = (int)Dimensions;
            if (dim < -rank || dim >= rank)
                throw new System.Runtime.InteropServices.ExternalException(
                    $"Dimension out of range (expected to be in range of [{-rank}, {rank - 1}], but got {dim})");
            return dim < 0 ? dim + rank : dim;
        }

        // The native tensor must live until its property has been read.
        private long Read(long value)
        {
            GC.KeepAlive(this);
            return value;
        }
    }
}
