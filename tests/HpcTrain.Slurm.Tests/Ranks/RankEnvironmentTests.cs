using HpcTrain.Mpi;

namespace HpcTrain.Slurm.Tests.Ranks;

/// <summary>Environments as launchers make them; those of srun were taken from Slurm 22.05.</summary>
internal sealed class RankEnvironmentTests
{
    private const string Step = "SLURM_JOB_ID=17 SLURM_PROCID=5 SLURM_LOCALID=1 SLURM_NODEID=2 SLURM_NTASKS=6 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=6 SLURM_STEP_TASKS_PER_NODE=2(x3) "
        + "SLURM_GTIDS=4,5 SLURM_JOB_NODELIST=node[1-4] SLURM_STEP_NODELIST=node[1-3] SLURMD_NODENAME=node3 SLURM_RESTART_COUNT=2 SLURM_ARRAY_TASK_ID=7";

    [Test]
    public void A_rank_of_srun_knows_its_step()
    {
        RankEnvironment rank = Detect(Step + " CUDA_VISIBLE_DEVICES=1 RANK=0 WORLD_SIZE=1");
        Assert.That((rank.Launcher, rank.Rank, rank.Size, rank.LocalRank, rank.LocalSize, rank.Node), Is.EqualTo((Launcher.Slurm, 5, 6, 1, (int?)2, "node3")));
        Assert.That(rank.Nodes, Is.EqualTo(["node1", "node2", "node3"]));
        Assert.That(rank.Neighbours, Is.EqualTo([4, 5]));
        Assert.That(rank.VisibleGpus, Is.EqualTo(["1"]));
        Assert.That((rank.JobId, rank.Restarts, rank.ArrayTask), Is.EqualTo(("17", 2, (int?)7)));
        Assert.That(rank.Cores, Is.EqualTo([0, 1, 2, 3, 8]));
    }

    [Test]
    public void Under_mpirun_in_a_batch_job_the_rank_is_mpiruns_and_the_job_is_Slurms()
    {
        RankEnvironment rank = Detect(Step + " OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=8 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2");
        Assert.That((rank.Launcher, rank.Rank, rank.Size, rank.LocalRank, rank.LocalSize), Is.EqualTo((Launcher.OpenMpi, 3, 8, 1, (int?)2)));
        Assert.That(rank.Neighbours, Is.Null, "SLURM_GTIDS are the daemons");
        Assert.That(rank.Nodes, Is.EqualTo(["node1", "node2", "node3", "node4"]));
        Assert.That(rank.JobId, Is.EqualTo("17"));
    }

    [TestCase("OMPI_COMM_WORLD_RANK=1 OMPI_COMM_WORLD_SIZE=2 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2 PMI_RANK=0 PMI_SIZE=4 RANK=3 WORLD_SIZE=9", Launcher.OpenMpi, 1, 2)]
    [TestCase("PMI_RANK=2 PMI_SIZE=4 MPI_LOCALRANKID=2 MPI_LOCALNRANKS=4 SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 RANK=3 WORLD_SIZE=9", Launcher.Hydra, 2, 4)]
    [TestCase("RANK=3 WORLD_SIZE=4 LOCAL_RANK=3 LOCAL_WORLD_SIZE=4", Launcher.None, 3, 4)]
    [TestCase("RANK=3", Launcher.None, 0, 1)]
    [TestCase("RANK=4 WORLD_SIZE=4", Launcher.None, 0, 1)]
    [TestCase("", Launcher.None, 0, 1)]
    public void The_first_launcher_that_says_so_counts(string variables, Launcher launcher, int number, int size)
    {
        RankEnvironment rank = Detect(variables);
        Assert.That((rank.Launcher, rank.Rank, rank.Size), Is.EqualTo((launcher, number, size)));
        Assert.That(rank.Neighbours, Is.EqualTo(Enumerable.Range(0, size)), "all are here");
        Assert.That(rank.Nodes, Is.EqualTo(["host"]));
    }

    [TestCase("", 4, 1)]
    [TestCase("", 1, 0)]
    [TestCase("", 0, null)]
    [TestCase("CUDA_VISIBLE_DEVICES=3", 8, 0)]
    [TestCase("CUDA_VISIBLE_DEVICES=2,3", 8, 1)]
    [TestCase("CUDA_VISIBLE_DEVICES=", 8, null)]
    [TestCase("ROCR_VISIBLE_DEVICES=0,1,2", 3, 1)]
    [TestCase("CUDA_VISIBLE_DEVICES=GPU-8f1c,GPU-77aa ROCR_VISIBLE_DEVICES=0", 2, 1)]
    public void A_rank_takes_the_GPU_it_is_bound_to_or_one_by_its_local_rank(string variables, int devices, int? expected)
        => Assert.That(Detect("RANK=1 WORLD_SIZE=4 LOCAL_RANK=1 " + variables).GpuOf(devices), Is.EqualTo(expected));

    [Test]
    public void This_process_can_be_asked()
    {
        var rank = RankEnvironment.Detect();
        Assert.That(rank.Node, Is.Not.Empty);
        Assert.That(rank.Cores, Has.Count.GreaterThan(0));
    }

    private static RankEnvironment Detect(string variables) => RankEnvironment.Detect(
        variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Split('=', 2)).ToDictionary(parts => parts[0], parts => parts[1]), "host", "0-3,8");
}
