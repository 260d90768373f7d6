using static TorchSharp.torch;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.MaxPool2d MaxPool2d(
                long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                new(Square(kernel_size), Square(stride ?? kernel_size), Square(padding ?? 0), Square(dilation ?? 1), ceil_mode);

            public static Modules.MaxPool2d MaxPool2d(
                (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null,
                bool ceil_mode = false) =>
                new(
                    Rectangle(kernel_size), Rectangle(stride ?? kernel_size), Rectangle(padding ?? (0, 0)), Rectangle(dilation ?? (1, 1)),
                    ceil_mode);

            public static Modules.MaxPool2d MaxPool2d(
                long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                new(kernel_size, stride, padding, dilation, ceil_mode);

            private static long[] Square(long size) => [size, size];

            private static long[] Rectangle((long, long) size) => [size.Item1, size.Item2];
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>The largest element of each window of a plane.</summary>
    public sealed class MaxPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal MaxPool2d(long[] kernel_size, long[]? stride, long[]? padding, long[]? dilation, bool ceil_mode)
            : base(nameof(MaxPool2d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride!;
            this.padding = padding!;
            this.dilation = dilation!;
            this.ceil_mode = ceil_mode;
        }

        public long[] kernel_size { get; set; }

        /// <summary>Null: as the kernel.</summary>
        public long[] stride { get; set; }

        /// <summary>Null: none.</summary>
        public long[] padding { get; set; }

        /// <summary>Null: one.</summary>
        public long[] dilation { get; set; }

        public bool ceil_mode { get; set; }

        public override Tensor forward(Tensor input) =>
            nn.functional.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode);

        public (Tensor Values, Tensor Indices) forward_with_indices(Tensor input) =>
            nn.functional.max_pool2d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode);
    }
}
