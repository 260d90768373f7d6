using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharpTests.Core.Values;

namespace TorchSharpTests.Core;

public sealed class IndexingTests
{
    // Element [i, j, k] is 100 i + 10 j + k.
    private static Tensor Cube() => arange(2).view(2, 1, 1) * 100 + arange(3).view(3, 1) * 10 + arange(4);

    [Test]
    public void Numbers_select_and_ranges_slice()
    {
        using var scope = NewDisposeScope();
        var x = Cube();
        Assert.Multiple(() =>
        {
            Assert.That(x[1, 2, 3].item<long>(), Is.EqualTo(123));
            Assert.That(x[1, -1, -1].item<long>(), Is.EqualTo(123));
            Assert.That(Read(x[0][1]), Is.EqualTo(new double[] { 10, 11, 12, 13 }));
            Assert.That(Read(x[TensorIndex.Ellipsis, 1, 2]), Is.EqualTo(new double[] { 12, 112 }));
            Assert.That(Read(x[.., 1, 1..3]), Is.EqualTo(new double[] { 11, 12, 111, 112 }));
            Assert.That(Read(x[0, 0, ^2..]), Is.EqualTo(new double[] { 2, 3 }));
            Assert.That(Read(x[0, 0, TensorIndex.Slice(null, null, 2)]), Is.EqualTo(new double[] { 0, 2 }));
            Assert.That(x[TensorIndex.None, 0].shape, Is.EqualTo(new long[] { 1, 3, 4 }));
            Assert.That(x[TensorIndex.Ellipsis, TensorIndex.Null].shape, Is.EqualTo(new long[] { 2, 3, 4, 1 }));
            Assert.That(x[TensorIndex.Colon, TensorIndex.Single(0)].shape, Is.EqualTo(new long[] { 2, 4 }));
        });
    }

    [Test]
    public void Tensors_and_masks_pick_elements()
    {
        using var scope = NewDisposeScope();
        var x = Cube();
        var rows = tensor(new[] { 0L, 1, 1 });
        var columns = tensor(new[] { 2L, 0, 2 });
        Assert.Multiple(() =>
        {
            Assert.That(Read(x[rows, columns][TensorIndex.Ellipsis, 1]), Is.EqualTo(new double[] { 21, 101, 121 }));
            Assert.That(Read(x[TensorIndex.Tensor(rows), TensorIndex.Single(0), TensorIndex.Tensor(columns)]), Is.EqualTo(new double[] { 2, 100, 102 }));
            Assert.That(Read(x[x > 121]), Is.EqualTo(new double[] { 122, 123 }));
            Assert.That(Read(x[.., TensorIndex.Tensor(tensor(new[] { true, false, true })), 0]), Is.EqualTo(new double[] { 0, 20, 100, 120 }));
            Assert.That(Read(x.index_select(2, tensor(new[] { 3L, 3 }))[0, 0]), Is.EqualTo(new double[] { 3, 3 }));
            Assert.That(Read(x[0].gather(1, tensor(new long[,] { { 3 }, { 0 }, { 1 } }))), Is.EqualTo(new double[] { 3, 10, 21 }));
            Assert.That(Read(x.masked_select(x < 2)), Is.EqualTo(new double[] { 0, 1 }));
            Assert.That(Read(x.take(tensor(new[] { 23L, 0 }))), Is.EqualTo(new double[] { 123, 0 }));
            Assert.That((x > 121).nonzero().shape, Is.EqualTo(new long[] { 2, 3 }));
        });
    }

    [Test]
    public void Assignments_write_through()
    {
        using var scope = NewDisposeScope();
        var x = zeros(3, 4, dtype: int64);
        x[0] = tensor(new[] { 1L, 2, 3, 4 });
        x[1, 1] = tensor(5L);
        x[.., 3..] = full([3, 1], 7L);
        x[TensorIndex.Tensor(x == 0)] = tensor(-1L);
        x.index_put_(9, TensorIndex.Single(2), TensorIndex.Single(0));
        Assert.That(Read(x), Is.EqualTo(new double[] { 1, 2, 3, 7, -1, 5, -1, 7, 9, -1, -1, 7 }));
        x.index_put_(tensor(new[] { 1L, 1 }), [TensorIndex.Tensor(tensor(new[] { 0L, 0 })), TensorIndex.Tensor(tensor(new[] { 0L, 0 }))], accumulate: true);
        Assert.That(x[0, 0].item<long>(), Is.EqualTo(3));
    }

    [Test]
    public void Scattering_and_filling()
    {
        using var scope = NewDisposeScope();
        var index = tensor(new long[,] { { 2 }, { 0 } });
        var x = zeros(2, 3);
        Assert.Multiple(() =>
        {
            Assert.That(Read(x.scatter(1, index, ones(2, 1))), Is.EqualTo(new double[] { 0, 0, 1, 1, 0, 0 }));
            Assert.That(Read(x.masked_fill(eye(2, 3) == 1, 5)), Is.EqualTo(new double[] { 5, 0, 0, 0, 5, 0 }));
            Assert.That(Read(x.index_add(1, tensor(new[] { 1L, 1 }), ones(2, 2), 2)), Is.EqualTo(new double[] { 0, 4, 0, 0, 4, 0 }));
            Assert.That(Read(x.index_fill(0, tensor(new[] { 1L }), 3)), Is.EqualTo(new double[] { 0, 0, 0, 3, 3, 3 }));
        });
    }

    [Test]
    public void Views_share_memory_and_copies_do_not()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).view(2, 3);
        var rotated = x.t();
        var copy = rotated.contiguous();
        x[0, 1] = tensor(50L);
        Assert.Multiple(() =>
        {
            Assert.That(rotated.shape, Is.EqualTo(new long[] { 3, 2 }));
            Assert.That(rotated.stride(), Is.EqualTo(new long[] { 1, 3 }));
            Assert.That(rotated.is_contiguous(), Is.False);
            Assert.That(Read(rotated), Is.EqualTo(new double[] { 0, 3, 50, 4, 2, 5 }));
            Assert.That(Read(copy), Is.EqualTo(new double[] { 0, 3, 1, 4, 2, 5 }));
            Assert.That(x.transpose(0, 1).shape, Is.EqualTo(x.permute(1, 0).shape));
            Assert.That(x.unsqueeze(0).shape, Is.EqualTo(new long[] { 1, 2, 3 }));
            Assert.That(x.unsqueeze(0).squeeze().shape, Is.EqualTo(new long[] { 2, 3 }));
            Assert.That(x.flatten().shape, Is.EqualTo(new long[] { 6 }));
            Assert.That(x.reshape(3, -1).shape, Is.EqualTo(new long[] { 3, 2 }));
            Assert.That(ones(1, 3).expand(4, 3).shape, Is.EqualTo(new long[] { 4, 3 }));
            Assert.That(Read(x.narrow(1, 1, 2)[1]), Is.EqualTo(new double[] { 4, 5 }));
            Assert.That(Read(x.slice(1, 0, 3, 2)[1]), Is.EqualTo(new double[] { 3, 5 }));
            Assert.That(Read(x.flip(1)[1]), Is.EqualTo(new double[] { 5, 4, 3 }));
            Assert.That(Read(x.roll(1, 1)[1]), Is.EqualTo(new double[] { 5, 3, 4 }));
            Assert.That(Read(x.tril()), Is.EqualTo(new double[] { 0, 0, 0, 3, 4, 0 }));
            Assert.That(Read(x.diagonal()), Is.EqualTo(new double[] { 0, 4 }));
        });
    }

    [Test]
    public void Parts_join_to_the_whole()
    {
        using var scope = NewDisposeScope();
        var x = arange(10).view(5, 2);
        Assert.Multiple(() =>
        {
            Assert.That(cat(x.split(2), 0).Equals(x), Is.True);
            Assert.That(cat(x.split([1, 4])).Equals(x), Is.True);
            Assert.That(cat(x.chunk(2), 0).Equals(x), Is.True);
            Assert.That(stack(x.unbind(1), 1).Equals(x), Is.True);
            Assert.That(vstack(x.unbind()).Equals(x), Is.True);
            Assert.That(x.split(2).Select(part => part.shape[0]), Is.EqualTo(new long[] { 2, 2, 1 }));
            Assert.That(Read(arange(2).repeat(2)), Is.EqualTo(new double[] { 0, 1, 0, 1 }));
            Assert.That(Read(arange(2).repeat_interleave(2)), Is.EqualTo(new double[] { 0, 0, 1, 1 }));
        });
    }

    [Test]
    public void Accessors_follow_strides()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).view(2, 3).t();
        var data = x.data<long>();
        Assert.That(data[2, 1], Is.EqualTo(5));
        Assert.That(data[1], Is.EqualTo(3));
        data[0, 1] = 30;
        Assert.Multiple(() =>
        {
            Assert.That(data.ToArray(), Is.EqualTo(new long[] { 0, 30, 1, 4, 2, 5 }));
            Assert.That(data.ToNDArray(), Is.EqualTo(new long[,] { { 0, 30 }, { 1, 4 }, { 2, 5 } }));
            Assert.That(data.Sum(), Is.EqualTo(42));
            Assert.That(() => data[6], Throws.TypeOf<IndexOutOfRangeException>());
            Assert.That(() => x.data<int>(), Throws.ArgumentException);
            Assert.That(() => x.item<long>(), Throws.ArgumentException);
        });
    }

    [Test]
    public void Bytes_are_the_memory_itself()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, dtype: int32);
        MemoryMarshal.Cast<byte, int>(x.bytes)[1] = 77;
        Assert.That(x[1].item<int>(), Is.EqualTo(77));
        x.bytes = new byte[] { 1, 0, 0, 0, 2, 0, 0, 0 };
        Assert.That(Read(x), Is.EqualTo(new double[] { 1, 2 }));
        using var stream = new MemoryStream();
        x.WriteBytesToStream(stream);
        stream.Position = 0;
        var y = zeros(2, dtype: int32);
        y.ReadBytesFromStream(stream);
        Assert.That(y.Equals(x), Is.True);
        Assert.That(() => arange(6).view(2, 3).t().bytes.Length, Throws.InvalidOperationException);
    }

    [Test]
    public void Indexing_out_of_range_is_an_error_of_libtorch()
    {
        using var scope = NewDisposeScope();
        Assert.That(() => zeros(2)[2], Throws.TypeOf<ExternalException>().With.Message.Contains("out of range"));
    }
}
