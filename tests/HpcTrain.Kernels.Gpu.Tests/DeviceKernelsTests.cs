using HpcTrain.Kernels.Gpu.Memory;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace HpcTrain.Kernels.Gpu.Tests;

/// <summary>Bad arguments of the device kernels, and memory of others, on the CPU accelerator.</summary>
internal sealed unsafe class DeviceKernelsTests
{
    private Context _context = null!;
    private Accelerator _accelerator = null!;
    private DeviceKernels _kernels = null!;

    [OneTimeSetUp]
    public void Start()
    {
        _context = Context.Create(builder => builder.CPU());
        _accelerator = _context.CreateCPUAccelerator(0);
        _kernels = new(_accelerator);
    }

    [OneTimeTearDown]
    public void Free()
    {
        _kernels.Dispose();
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Test]
    public void The_description_names_the_accelerator() => Assert.That(_kernels.Description, Does.StartWith("CPU ("));

    [Test]
    public void A_context_that_approximates_is_refused()
    {
        using Context context = Context.Create(builder => builder.CPU().Math(MathMode.Fast));
        using Accelerator fast = context.CreateCPUAccelerator(0);
        Assert.That(() => new DeviceKernels(fast), Throws.InstanceOf<NotSupportedException>().With.Message.Contains("MathMode.Fast"));
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var buffer = _accelerator.Allocate1D<byte>(64);
        using Accelerator other = _context.CreateCPUAccelerator(0);
        using var elsewhere = other.Allocate1D<byte>(64);
        ArrayView<byte> a = buffer.View, odd = a.SubView(2, 16), foreign = elsewhere.View;
        Assert.Multiple(() =>
        {
            Assert.That(() => _kernels.ReduceMany(ElementType.F32, ReduceOp.Sum, a, [], 4), Throws.ArgumentException.With.Message.Contains("1 to 16"));
            Assert.That(() => _kernels.ReduceMany(ElementType.F32, ReduceOp.Sum, a, new ArrayView<byte>[17], 4),
                Throws.ArgumentException.With.Message.Contains("17"));
            Assert.That(() => _kernels.Reduce(ElementType.F32, ReduceOp.Sum, a, a, 17), Throws.ArgumentException.With.Message.Contains("68 bytes"));
            Assert.That(() => _kernels.Reduce(ElementType.F32, ReduceOp.Sum, a, odd, 4), Throws.ArgumentException.With.Message.Contains("multiple of 4"));
            Assert.That(() => _kernels.Reduce(ElementType.F32, ReduceOp.Sum, a, foreign, 4), Throws.ArgumentException.With.Message.Contains("memory of"));
            Assert.That(() => _kernels.Reduce(ElementType.F32, ReduceOp.Sum, a, a, -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => _kernels.Reduce(ElementType.F32, ReduceOp.BitOr, a, a, 4),
                Throws.ArgumentException.With.Message.Contains("bor").And.Message.Contains("f32"));
            Assert.That(() => _kernels.Reduce((ElementType)99, ReduceOp.Sum, a, a, 4),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("bf16"));
            Assert.That(() => _kernels.Reduce(ElementType.I8, (ReduceOp)99, a, a, 4),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("bxor"));
            Assert.That(() => _kernels.ReduceInto(ReduceOp.Sum, a, ElementType.I8, a, 4),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("i8"));
            Assert.That(() => _kernels.FinishAverage(ElementType.F32, a, 4, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => _kernels.FinishAverage(a, ElementType.F64, a, 4, 2),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("f64"));
            Assert.That(() => _kernels.Cast(ElementType.F32, a, ElementType.F64, a, 16), Throws.ArgumentException.With.Message.Contains("128 bytes"));
        });
    }

    [Test]
    public void A_segment_is_reduced_into_a_wrapped_buffer_at_an_offset()
    {
        float* tensor = stackalloc float[] { 1, 2, 3, 4, 5, 6 };
        using var wrapped = new WrappedMemory(_accelerator, (nint)tensor, 6 * sizeof(float));
        using var staging = _accelerator.Allocate1D(new float[] { 10, 20, 30 });
        ArrayView<byte> received = ((ArrayView<float>)staging.View).Cast<byte>();

        _kernels.Reduce(ElementType.F32, ReduceOp.Sum, wrapped.AsRawArrayView(2 * sizeof(float), 3 * sizeof(float)), received, 3);
        _kernels.Stream.Synchronize();

        Assert.That(new Span<float>(tensor, 6).ToArray(), Is.EqualTo(new float[] { 1, 2, 13, 24, 35, 6 }));
    }

    [Test]
    public void Wrapped_memory_is_copied_and_set_as_any_buffer()
    {
        byte* memory = stackalloc byte[16];
        new Span<byte>(memory, 16).Fill(7);
        using var wrapped = new WrappedMemory(_accelerator, (nint)memory, 16);
        wrapped.MemSet(_accelerator.DefaultStream, 0, 4, 4);
        wrapped.AsRawArrayView(0, 8).CopyTo(_accelerator.DefaultStream, wrapped.AsRawArrayView(8, 8));
        Assert.That(new Span<byte>(memory, 16).ToArray(), Is.EqualTo(new byte[] { 7, 7, 7, 7, 0, 0, 0, 0, 7, 7, 7, 7, 0, 0, 0, 0 }));
    }
}
