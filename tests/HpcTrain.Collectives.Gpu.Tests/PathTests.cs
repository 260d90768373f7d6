using HpcTrain.Collectives.Tests.Execution;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using HpcTrain.Testing;
using ILGPU.Runtime;

namespace HpcTrain.Collectives.Gpu.Tests;

/// <summary>Which path is taken, over real MPI libraries, and what is refused.</summary>
public sealed unsafe class PathTests
{
    [RankTest(2)]
    public void Staging_works_over_the_nodes_shared_memory(Intracommunicator world) => RunAll(world, new(), DevicePath.PinnedStaging);

    [RankTest(2)]
    public void Staging_works_over_messages(Intracommunicator world) => RunAll(world, new() { SharesMemory = false }, DevicePath.PinnedStaging);

    [RankTest(2)]
    public void Pointers_to_the_cpu_accelerators_memory_are_messages_of_any_mpi(Intracommunicator world) => RunAll(world, new(), DevicePath.DevicePointers);

    [Test]
    public void Without_a_cuda_aware_mpi_buffers_are_staged()
    {
        using DeviceRank rank = DeviceRank.OnCpu(64);
        using var communicator = new CollectiveCommunicator(new InProcessFabric(1)[0]);
        using var device = new DeviceCollectives(communicator, rank.Kernels);
        Assert.That(device.Path, Is.EqualTo(DevicePath.PinnedStaging));
    }

    [Test]
    public void Ranks_with_different_options_are_told()
    {
        var fabric = new InProcessFabric(2);
        RankThreads.Run(2, r =>
        {
            using DeviceRank rank = DeviceRank.OnCpu(64);
            using var communicator = new CollectiveCommunicator(fabric[r]);
            Assert.That(() => new DeviceCollectives(communicator, rank.Kernels, new() { PieceBytes = 8192 << r }),
                Throws.TypeOf<ScheduleException>().With.Message.Contains("different DeviceOptions"));
        });
    }

    [Test]
    public void On_cuda_pointers_need_an_mpi_that_takes_them_and_staging_needs_nothing()
    {
        using DeviceRank rank = DeviceRank.OnCuda(1 << 20);
        using var communicator = new CollectiveCommunicator(new InProcessFabric(1)[0]);
        Assert.That(() => new DeviceCollectives(communicator, rank.Kernels, new() { Path = DevicePath.DevicePointers }),
            Throws.TypeOf<ScheduleException>().With.Message.Contains("CUDA-aware"));
        using var device = new DeviceCollectives(communicator, rank.Kernels, new() { PieceBytes = 65536 });
        Assert.That(device.Path, Is.EqualTo(DevicePath.PinnedStaging));
        using var values = rank.Accelerator.Allocate1D(Enumerable.Range(0, 100_000).ToArray());
        device.AllReduce<int>(values.View);
        Assert.That(values.GetAsArray1D(), Is.EqualTo(Enumerable.Range(0, 100_000)));
    }

    private static void RunAll(Intracommunicator world, CommunicatorOptions options, DevicePath path)
    {
        using DeviceRank rank = DeviceRank.OnCpu(2 << 20);
        using var communicator = new CollectiveCommunicator(world, options);
        using var device = new DeviceCollectives(communicator, rank.Kernels, new() { Path = path, PieceBytes = 65536 });
        foreach (CollectiveKind kind in Enum.GetValues<CollectiveKind>().Where(kind => kind != CollectiveKind.Barrier))
        {
            foreach (int count in (int[])[0, 5, 40_003])
                DeviceCheck.Run(new(kind, world.Size, ElementType.F32, ReduceOp.Sum, count, count % world.Size, InPlace: false, Seed: count), communicator, device, rank);
        }
    }
}
