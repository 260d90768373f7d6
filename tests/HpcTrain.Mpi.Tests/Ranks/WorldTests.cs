using HpcTrain.Testing;

namespace HpcTrain.Mpi.Tests;

public class WorldTests
{
    [RankTest(1, 2, 3, 4)]
    public void Every_rank_sees_the_launchers_size_and_its_own_rank(Intracommunicator world)
    {
        var mpi = MpiEnvironment.Current!;
        Assert.That((world.Rank, world.Size), Is.EqualTo((mpi.Launch.Rank, mpi.Launch.Size)));
        Assert.That(world.AllGather(world.Rank), Is.EqualTo(Enumerable.Range(0, world.Size)));
    }

    [RankTest(1, 2, 3, 4)]
    public void Self_is_one_rank(Intracommunicator world)
    {
        var self = MpiEnvironment.Current!.Self;
        Assert.That((self.Rank, self.Size), Is.EqualTo((0, 1)));
        Assert.That(self.AllReduce(world.Rank, MpiOp.Sum), Is.EqualTo(world.Rank));
    }

    [RankTest(2)]
    public void The_environment_describes_itself()
    {
        var mpi = MpiEnvironment.Current!;
        var name = mpi.Launch.Launcher == Launcher.OpenMpi ? "Open MPI" : "MPICH";
        Assert.That(mpi.LibraryVersion, Does.StartWith(name));
        Assert.That(mpi.Flavor.DisplayName(), Is.EqualTo(name));
        Assert.That(File.Exists(mpi.LibraryPath), Is.True, mpi.LibraryPath);
        Assert.That(mpi.ProcessorName, Is.EqualTo(Environment.MachineName));
        Assert.That(mpi.ThreadLevel, Is.GreaterThanOrEqualTo(ThreadLevel.Funneled));
    }

    [RankTest(2)]
    public void Time_moves_on()
    {
        var before = MpiEnvironment.Wtime;
        Thread.Sleep(20);
        Assert.That(MpiEnvironment.Wtime - before, Is.InRange(0.019, 20));
    }

    [RankTest(1)]
    public void A_second_initialisation_is_refused_in_a_sentence()
    {
        Assert.That(() => MpiEnvironment.Initialize(), Throws.TypeOf<MpiException>()
            .With.Message.EqualTo("MPI was initialised a second time on rank 0, but a process can do it once: use MpiEnvironment.Current."));
    }
}
