using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharpTests.Core;

public sealed class CreationTests
{
    [Test]
    public void Filled_tensors_have_their_value_shape_and_type()
    {
        using var scope = NewDisposeScope();
        Assert.Multiple(() =>
        {
            Assert.That(zeros(2, 3).data<float>().ToArray(), Is.EqualTo(new float[6]));
            Assert.That(ones(4, dtype: float64).data<double>().ToArray(), Is.EqualTo(new double[] { 1, 1, 1, 1 }));
            Assert.That(full(2, 2, 7).dtype, Is.EqualTo(ScalarType.Int64));
            Assert.That(full([3], 2.5).data<float>().ToArray(), Is.EqualTo(new[] { 2.5f, 2.5f, 2.5f }));
            Assert.That(full([1], true).dtype, Is.EqualTo(ScalarType.Int64));
            Assert.That(empty(3, 4, 5).shape, Is.EqualTo(new long[] { 3, 4, 5 }));
            Assert.That(eye(2).data<float>().ToArray(), Is.EqualTo(new float[] { 1, 0, 0, 1 }));
            Assert.That(zeros(2).requires_grad, Is.False);
            Assert.That(zeros(2, requires_grad: true).requires_grad, Is.True);
        });
    }

    [Test]
    public void Ranges_take_their_type_from_their_bounds()
    {
        using var scope = NewDisposeScope();
        Assert.Multiple(() =>
        {
            Assert.That(arange(5).data<long>().ToArray(), Is.EqualTo(new long[] { 0, 1, 2, 3, 4 }));
            Assert.That(arange(1, 2, 0.25).data<float>().ToArray(), Is.EqualTo(new[] { 1f, 1.25f, 1.5f, 1.75f }));
            Assert.That(linspace(0, 1, 3).data<float>().ToArray(), Is.EqualTo(new[] { 0f, 0.5f, 1f }));
            Assert.That(logspace(0, 2, 3, dtype: float64).data<double>().ToArray(), Is.EqualTo(new[] { 1.0, 10, 100 }).Within(1e-9));
        });
    }

    [Test]
    public void Arrays_of_every_type_and_rank_are_copied()
    {
        using var scope = NewDisposeScope();
        var source = new float[,] { { 1, 2, 3 }, { 4, 5, 6 } };
        var copy = tensor(source);
        source[0, 0] = 100;
        Assert.Multiple(() =>
        {
            Assert.That(copy.shape, Is.EqualTo(new long[] { 2, 3 }));
            Assert.That(copy.data<float>().ToArray(), Is.EqualTo(new float[] { 1, 2, 3, 4, 5, 6 }));
            Assert.That(tensor(new byte[] { 1, 255 }).data<byte>().ToArray(), Is.EqualTo(new byte[] { 1, 255 }));
            Assert.That(tensor(new sbyte[] { -1, 1 }).data<sbyte>().ToArray(), Is.EqualTo(new sbyte[] { -1, 1 }));
            Assert.That(tensor(new short[] { -300 }).data<short>().ToArray(), Is.EqualTo(new short[] { -300 }));
            Assert.That(tensor(new[] { 1, -2 }).data<int>().ToArray(), Is.EqualTo(new[] { 1, -2 }));
            Assert.That(tensor(new long[,,] { { { 1L, 2L } } }).shape, Is.EqualTo(new long[] { 1, 1, 2 }));
            Assert.That(tensor(new[] { (Half)1.5 }).data<Half>().ToArray(), Is.EqualTo(new[] { (Half)1.5 }));
            Assert.That(tensor(new double[,,,] { { { { 3.5 } } } }).item<double>(), Is.EqualTo(3.5));
            Assert.That(tensor(new[] { true, false }).data<bool>().ToArray(), Is.EqualTo(new[] { true, false }));
            Assert.That(tensor(new List<float> { 1, 2, 3, 4 }, 2, 2).shape, Is.EqualTo(new long[] { 2, 2 }));
            Assert.That(tensor(new[] { 1f, 2f, 3f, 4f }, [4, 1]).shape, Is.EqualTo(new long[] { 4, 1 }));
            Assert.That(tensor(new[] { 1.9f }, dtype: int32).data<int>().ToArray(), Is.EqualTo(new[] { 1 }));
        });
    }

    [Test]
    public void Too_few_values_for_the_shape_are_refused()
    {
        Assert.That(() => tensor(new[] { 1f, 2f }, [3]), Throws.ArgumentException.With.Message.Contains("3 vs. 2"));
    }

    [Test]
    public void Buffers_are_shared_and_stay_pinned_while_a_view_lives()
    {
        using var scope = NewDisposeScope();
        var memory = new float[] { 0, 1, 2, 3, 4, 5 };
        Tensor view;
        using (var whole = frombuffer(memory, float32, count: 4, offset: 2)) view = whole.view(2, 2);
        memory[2] = 20;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, true, true);
        view[1, 1] = tensor(50f);
        Assert.Multiple(() =>
        {
            Assert.That(view[0, 0].item<float>(), Is.EqualTo(20));
            Assert.That(memory[5], Is.EqualTo(50));
        });
    }

    [Test]
    public void A_buffer_is_released_with_its_last_tensor()
    {
        static (WeakReference, Tensor) Share()
        {
            var memory = new double[1000];
            return (new WeakReference(memory), frombuffer(memory, float64));
        }

        var (memory, tensor) = Share();
        GC.Collect();
        Assert.That(memory.IsAlive, Is.True);
        tensor.Dispose();
        GC.Collect();
        Assert.That(memory.IsAlive, Is.False);
    }

    [Test]
    public void A_tensor_of_an_array_shares_it_unless_the_type_differs()
    {
        using var scope = NewDisposeScope();
        var numbers = new[] { 1, 2, 3 };
        var shared = from_array(numbers);
        var converted = from_array(numbers, float32);
        numbers[0] = 10;
        Assert.Multiple(() =>
        {
            Assert.That(shared[0].item<int>(), Is.EqualTo(10));
            Assert.That(converted[0].item<float>(), Is.EqualTo(1));
        });
    }

    [Test]
    public void Random_numbers_repeat_with_their_seed()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        var first = randn(100);
        var state = get_rng_state();
        var second = rand(100);
        set_rng_state(state);
        var again = rand(100);
        manual_seed(7);
        Assert.Multiple(() =>
        {
            Assert.That(first.Equals(randn(100)), Is.True);
            Assert.That(second.Equals(again), Is.True);
            Assert.That(second.Equals(first), Is.False);
            Assert.That(randperm(50).sort().Values.Equals(arange(50)), Is.True);
            Assert.That(randint(3, 5, [1000]).unique().output.data<long>().ToArray(), Is.EqualTo(new long[] { 3, 4 }));
        });
    }

    [Test]
    public void A_generator_of_its_own_leaves_the_default_alone()
    {
        using var scope = NewDisposeScope();
        using var mine = new Generator(3);
        manual_seed(1);
        var before = get_rng_state();
        var first = rand(10, generator: mine);
        mine.manual_seed(3);
        Assert.Multiple(() =>
        {
            Assert.That(first.Equals(rand(10, generator: mine)), Is.True);
            Assert.That(before.Equals(get_rng_state()), Is.True);
        });
    }

    [Test]
    public void Libtorch_errors_arrive_with_their_message()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => zeros(2, 3).matmul(zeros(2, 3)));
        Assert.That(error.Message, Does.StartWith("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)"));
        Assert.That(() => zeros(3).view(2), Throws.TypeOf<ExternalException>());
    }
}
