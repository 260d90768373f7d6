using TorchSharp;
using static TorchSharp.torch;
using static TorchSharpTests.Core.Values;

namespace TorchSharpTests.Core;

public sealed class TypeTests
{
    [TestCase(ScalarType.Byte, 1)]
    [TestCase(ScalarType.Int8, 1)]
    [TestCase(ScalarType.Int16, 2)]
    [TestCase(ScalarType.Int32, 4)]
    [TestCase(ScalarType.Int64, 8)]
    [TestCase(ScalarType.Float16, 2)]
    [TestCase(ScalarType.BFloat16, 2)]
    [TestCase(ScalarType.Float32, 4)]
    [TestCase(ScalarType.Float64, 8)]
    [TestCase(ScalarType.Bool, 1)]
    public void Conversion_keeps_small_integers(ScalarType type, int bytes)
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 0f, 1f, 1f }).to(type);
        Assert.Multiple(() =>
        {
            Assert.That(x.dtype, Is.EqualTo(type));
            Assert.That(x.ElementSize, Is.EqualTo(bytes));
            Assert.That(x.bytes.Length, Is.EqualTo(3 * bytes));
            Assert.That(Read(x), Is.EqualTo(new double[] { 0, 1, 1 }));
            Assert.That(zeros(2, dtype: type).ToString(), Is.EqualTo($"[2], type = {type}, device = cpu"));
        });
    }

    [Test]
    public void Reduced_floats_hold_what_dotnet_says()
    {
        using var scope = NewDisposeScope();
        var values = new[] { 1f / 3, -65504f, 1e-3f, 3.3895314e38f };
        var halves = tensor(values).to(float16).data<Half>().ToArray();
        var brains = tensor(values).to(bfloat16).data<BFloat16>().ToArray();
        Assert.That(halves, Is.EqualTo(values.Select(value => (Half)value)));
        Assert.That(brains.Select(value => value.ToSingle()), Is.EqualTo(values.Select(value => new BFloat16(value).ToSingle())));
    }

    [Test]
    public void Metadata_describes_the_tensor()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3, 4);
        Assert.Multiple(() =>
        {
            Assert.That(x.dim(), Is.EqualTo(3));
            Assert.That(x.ndim, Is.EqualTo(3));
            Assert.That(x.numel(), Is.EqualTo(24));
            Assert.That(x.NumberOfElements, Is.EqualTo(24));
            Assert.That(x.size(-1), Is.EqualTo(4));
            Assert.That(x.stride(0), Is.EqualTo(12));
            Assert.That(x[1].storage_offset(), Is.EqualTo(12));
            Assert.That(x.device.type, Is.EqualTo(DeviceType.CPU));
            Assert.That(x.device_type, Is.EqualTo(DeviceType.CPU));
            Assert.That(x.is_floating_point(), Is.True);
            Assert.That(x.ToString(), Is.EqualTo("[2x3x4], type = Float32, device = cpu"));
            Assert.That(x.is_sparse, Is.False);
        });
    }

    [Test]
    public void A_meta_tensor_has_a_shape_and_no_memory()
    {
        using var x = empty([1 << 20, 1 << 20], device: META);
        Assert.That(x.is_meta, Is.True);
        Assert.That(x.shape, Is.EqualTo(new long[] { 1 << 20, 1 << 20 }));
    }

    [Test]
    public void Devices_are_written_as_in_python()
    {
        Assert.Multiple(() =>
        {
            Assert.That(new Device("cpu").ToString(), Is.EqualTo("cpu"));
            Assert.That(new Device("cuda:1").index, Is.EqualTo(1));
            Assert.That(new Device(DeviceType.CUDA, 2).ToString(), Is.EqualTo("cuda:2"));
            Assert.That(() => new Device("gpu"), Throws.ArgumentException);
            Assert.That(cuda.is_available(), Is.EqualTo(cuda.device_count() > 0));
        });
    }

    [Test]
    public void Limits_of_floating_point_types()
    {
        Assert.Multiple(() =>
        {
            Assert.That(finfo(float32).eps, Is.EqualTo(Math.ScaleB(1, -23)));
            Assert.That(finfo(float32).max, Is.EqualTo(float.MaxValue));
            Assert.That(finfo(float64).tiny, Is.EqualTo(2.2250738585072014e-308));
            Assert.That(max_int_value(int16), Is.EqualTo(short.MaxValue));
            Assert.That(is_integral(int32), Is.True);
            Assert.That(is_floating_point(bfloat16), Is.True);
        });
    }

    [Test]
    public void The_default_type_is_that_of_new_tensors()
    {
        try
        {
            set_default_dtype(float64);
            using var x = zeros(1);
            Assert.That(x.dtype, Is.EqualTo(ScalarType.Float64));
        }
        finally
        {
            set_default_dtype(float32);
        }
    }

    [Test]
    public void Threads_can_be_set()
    {
        var before = get_num_threads();
        try
        {
            set_num_threads(1);
            Assert.That(get_num_threads(), Is.EqualTo(1));
        }
        finally
        {
            set_num_threads(before);
        }
    }
}
