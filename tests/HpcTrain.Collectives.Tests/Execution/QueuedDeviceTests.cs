using HpcTrain.Collectives.Tests.Node;
using HpcTrain.Kernels;

namespace HpcTrain.Collectives.Tests.Execution;

/// <summary>Schedules in the memory of a device that queues its work: no message may run ahead of it.</summary>
[TestFixture]
public sealed unsafe class QueuedDeviceTests
{
    private static readonly CommunicatorOptions s_patient = new() { StallTimeout = TimeSpan.FromSeconds(30) };

    [Test]
    public void Messages_wait_for_the_device([Values(2, 3, 4, 5)] int ranks, [Values(ReduceOp.Sum, ReduceOp.Avg)] ReduceOp op)
    {
        var fabric = new InProcessFabric(ranks);
        RankThreads.Run(ranks, rank =>
        {
            var device = new LaggingDevice((ranks * 10) + rank);
            using var communicator = new CollectiveCommunicator(fabric[rank], s_patient);
            foreach (Algorithm algorithm in AlgorithmCatalog.All)
            {
                if (algorithm.Collective == CollectiveKind.Barrier || algorithm.Unusable(new(algorithm.Collective, ranks)) != null)
                    continue;
                foreach (ElementType type in (ElementType[])[ElementType.I32, ElementType.BF16])
                {
                    var test = new NodeCase(algorithm.Collective, ranks, type, op, 701, ranks - 1, InPlace: false, Seed: ranks);
                    CheckLate(test, communicator, device, new() { Algorithm = algorithm.Name, SegmentBytes = 256 });
                }
            }

            communicator.Forget(device);
        });
    }

    [Test]
    public void A_device_that_hangs_is_told()
    {
        var fabric = new InProcessFabric(1);
        using var communicator = new CollectiveCommunicator(fabric[0], new() { StallTimeout = TimeSpan.FromSeconds(0.2) });
        var device = new LaggingDevice(1) { Hangs = true };
        device.Later(() => { });
        int value = 1;
        CollectiveRequest request = communicator.Start(CollectiveCall.AllReduce(&value, &value, 1, ElementType.I32), CollectiveOptions.Default, device);
        Assert.That(() => request.Wait(), Throws.TypeOf<ScheduleException>().With.Message.Contains("the device has not come to the end of its queue"));
    }

    private static void CheckLate(NodeCase test, CollectiveCommunicator communicator, LaggingDevice device, CollectiveOptions options)
    {
        var memory = new byte[test.BufferBytes];
        var contributed = new byte[test.BufferBytes];
        fixed (byte* buffer = memory, copy = contributed)
        {
            // The contribution itself is computed late.
            CollectiveCall call = test.Prepare(communicator.Rank, buffer);
            memory.CopyTo(contributed, 0);
            Array.Fill(memory, (byte)0xA5);
            device.Copy(buffer, copy, memory.Length);
            CollectiveResult result = communicator.Start(in call, options, device).Wait();
            test.Check(communicator.Rank, in call);
            Assert.That((result.Algorithm, result.Path), Is.EqualTo((options.Algorithm, "device pointers")));
        }
    }
}
