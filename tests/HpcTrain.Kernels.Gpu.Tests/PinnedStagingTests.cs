using System.Runtime.InteropServices;
using HpcTrain.Kernels.Gpu.Memory;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace HpcTrain.Kernels.Gpu.Tests;

/// <summary>Device buffers through page-locked pieces, on the CPU accelerator.</summary>
internal sealed unsafe class PinnedStagingTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private Context _context = null!;
    private Accelerator _accelerator = null!;

    [OneTimeSetUp]
    public void Start()
    {
        _context = Context.Create(builder => builder.CPU());
        _accelerator = _context.CreateCPUAccelerator(0);
    }

    [OneTimeTearDown]
    public void Free()
    {
        _accelerator.Dispose();
        _context.Dispose();
    }

    [Test]
    public void A_buffer_of_any_length_comes_out_and_goes_in([Values(1, 2, 3)] int pieces)
    {
        using var staging = new PinnedStaging(_accelerator, 4096, pieces);
        foreach (int length in new[] { 0, 1, 4095, 4096, 4097, 12288, 12289, 50001 })
        {
            byte[] data = new byte[length];
            new Random(length).NextBytes(data);
            byte[] back = new byte[length];
            using var device = _accelerator.Allocate1D<byte>(Math.Max(1, length));
            ArrayView<byte> view = device.View.SubView(0, length);
            fixed (byte* source = data, destination = back)
            {
                staging.CopyIn(source, view, Patience);
                staging.CopyOut(view, destination, Patience);
            }
            Assert.That(back, Is.EqualTo(data), $"{length} bytes");
        }
    }

    [Test]
    public void Runs_of_device_memory_share_a_piece()
    {
        using var staging = new PinnedStaging(_accelerator, 4096, 1);
        using var device = _accelerator.Allocate1D(new byte[] { 1, 2, 3, 4, 5, 6 });
        ArrayView<byte> view = device.View;
        StagedPart[] parts = [new(view.SubView(0, 2), 10), new(view.SubView(4, 2), 0)];
        staging[0].StartCopyOut(parts);
        staging[0].Wait(Patience);
        var memory = new Span<byte>(staging[0].Pointer, 12);
        Assert.That(new[] { memory[10], memory[11], memory[0], memory[1] }, Is.EqualTo(new byte[] { 1, 2, 5, 6 }));
        memory.Fill(9);
        staging[0].StartCopyIn(parts);
        staging[0].Wait(Patience);
        Assert.That(view.GetAsArray(_accelerator.DefaultStream), Is.EqualTo(new byte[] { 9, 9, 3, 4, 9, 9 }));
        Assert.That(() => staging[0].StartCopyOut([new StagedPart(view, 4091)]), Throws.ArgumentException.With.Message.Contains("copy them in parts"));
    }

    [Test]
    public void A_received_piece_is_reduced_on_the_device_and_sent_back()
    {
        using var kernels = new DeviceKernels(_accelerator);
        using var staging = new PinnedStaging(_accelerator, 100, 2, kernels.Stream);
        using var gradients = _accelerator.Allocate1D(new int[] { 1, 2, 3, 4 });
        using var received = _accelerator.Allocate1D<int>(2);
        ArrayView<byte> into = ((ArrayView<int>)gradients.View).Cast<byte>().SubView(8, 8), from = ((ArrayView<int>)received.View).Cast<byte>();

        ((int*)staging[0].Pointer)[0] = 10;
        ((int*)staging[0].Pointer)[1] = 20;
        staging[0].StartCopyIn(from);
        kernels.Reduce(ElementType.I32, ReduceOp.Sum, into, from, 2);
        staging[1].StartCopyOut(into);
        staging[1].Wait(Patience);

        Assert.That(staging[1].IsDone);
        Assert.That(new Span<int>(staging[1].Pointer, 2).ToArray(), Is.EqualTo(new[] { 13, 24 }));
        Assert.That(gradients.GetAsArray1D(), Is.EqualTo(new[] { 1, 2, 13, 24 }));
    }

    [Test]
    public void Pieces_are_whole_pages_apart()
    {
        using var staging = new PinnedStaging(_accelerator, 5000, 3);
        Assert.That(staging.PieceBytes, Is.EqualTo(8192));
        Assert.That(staging.Count, Is.EqualTo(3));
        for (int piece = 0; piece < 3; piece++)
        {
            Assert.That((long)staging[piece].Pointer % 4096, Is.Zero);
            NativeMemory.Fill(staging[piece].Pointer, (nuint)staging.PieceBytes, (byte)piece);
        }
        for (int piece = 0; piece < 3; piece++)
            Assert.That(new Span<byte>(staging[piece].Pointer, 8192).ContainsAnyExcept((byte)piece), Is.False, $"piece {piece} has memory of its own");
    }

    [Test]
    public void Bad_arguments_are_named()
    {
        using var staging = new PinnedStaging(_accelerator, 4096, 1);
        using var device = _accelerator.Allocate1D<byte>(5000);
        Assert.That(() => staging[0].StartCopyOut(device.View), Throws.ArgumentException.With.Message.Contains("5000").And.Message.Contains("4096"));
        Assert.That(() => staging[0].StartCopyIn(device.View), Throws.ArgumentException.With.Message.Contains("5000"));
        Assert.That(() => new PinnedStaging(_accelerator, 0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new PinnedStaging(_accelerator, 1, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
