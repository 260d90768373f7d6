namespace HpcTrain.Mpi.Tests;

public class LaunchContextTests
{
    // Environments as the launchers really set them, cut to the variables that speak of ranks.
    private static readonly object[] Environments =
    [
        Case("nothing", "", new(Launcher.None, 1, 0, 0, 1, null)),
        Case("mpirun of Open MPI",
            "OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2 "
            + "OMPI_COMM_WORLD_NODE_RANK=1 PMIX_RANK=3", new(Launcher.OpenMpi, 4, 3, 1, 2, null)),
        Case("mpirun of Open MPI in a batch job: SLURM_* belong to the daemon",
            "OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2 PMIX_RANK=3 "
            + "SLURM_PROCID=1 SLURM_LOCALID=0 SLURM_NODEID=1 SLURM_NTASKS=4 SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2",
            new(Launcher.OpenMpi, 4, 3, 1, 2, 1)),
        Case("mpirun of MPICH",
            "HYDI_CONTROL_FD=7 MPI_LOCALNRANKS=2 MPI_LOCALRANKID=1 PMI_FD=8 PMI_RANK=3 PMI_SIZE=4",
            new(Launcher.Hydra, 4, 3, 1, 2, null)),
        Case("mpirun of MPICH in a batch job, daemon's rank equal to ours",
            "MPI_LOCALNRANKS=2 MPI_LOCALRANKID=1 PMI_RANK=1 PMI_SIZE=2 SLURM_PROCID=1 SLURM_LOCALID=0 SLURM_NODEID=0 "
            + "SLURM_STEP_ID=0 SLURM_STEP_NUM_TASKS=2", new(Launcher.Hydra, 2, 1, 1, 2, 0)),
        Case("another PMI launcher, without local ranks", "PMI_RANK=2 PMI_SIZE=8", new(Launcher.Hydra, 8, 2, 0, 0, null)),
        Case("srun --mpi=pmi2",
            "PMI_RANK=5 PMI_SIZE=6 PMI_FD=3 SLURM_PROCID=5 SLURM_LOCALID=1 SLURM_NODEID=2 SLURM_NTASKS=6 SLURM_STEP_ID=0 "
            + "SLURM_STEP_NUM_TASKS=6 SLURM_STEP_TASKS_PER_NODE=2(x3)", new(Launcher.Slurm, 6, 5, 1, 2, 2)),
        Case("srun --mpi=pmix",
            "PMIX_RANK=4 SLURM_PROCID=4 SLURM_LOCALID=0 SLURM_NODEID=2 SLURM_NTASKS=5 SLURM_STEP_ID=1 SLURM_STEP_NUM_TASKS=5 "
            + "SLURM_STEP_TASKS_PER_NODE=2(x2),1", new(Launcher.Slurm, 5, 4, 0, 1, 2)),
        Case("a step smaller than its job",
            "SLURM_PROCID=1 SLURM_LOCALID=1 SLURM_NODEID=0 SLURM_NTASKS=8 SLURM_STEP_ID=2 SLURM_STEP_NUM_TASKS=2 "
            + "SLURM_STEP_TASKS_PER_NODE=2", new(Launcher.Slurm, 2, 1, 1, 2, 0)),
        Case("the batch script itself, without srun",
            "SLURM_PROCID=0 SLURM_LOCALID=0 SLURM_NODEID=0 SLURM_NTASKS=8 SLURM_JOB_ID=77", new(Launcher.None, 1, 0, 0, 1, null)),
        Case("an allocation's shell", "SLURM_JOB_ID=77 SLURM_NTASKS=8", new(Launcher.None, 1, 0, 0, 1, null)),
        Case("values that are no numbers", "OMPI_COMM_WORLD_RANK=x OMPI_COMM_WORLD_SIZE=4 PMI_RANK=-1 PMI_SIZE=2",
            new(Launcher.None, 1, 0, 0, 1, null)),
        Case("a rank without a size", "OMPI_COMM_WORLD_RANK=1", new(Launcher.None, 1, 0, 0, 1, null)),
    ];

    [TestCaseSource(nameof(Environments))]
    public void The_environment_tells_the_launcher_and_the_rank(string variables, LaunchContext expected) =>
        Assert.That(LaunchContext.Detect(Parse(variables)), Is.EqualTo(expected));

    [TestCase("4", 0, 4)]
    [TestCase("4(x2),3", 0, 4)]
    [TestCase("4(x2),3", 1, 4)]
    [TestCase("4(x2),3", 2, 3)]
    [TestCase("4(x2),3", 3, 0)]
    [TestCase("1,2,3(x4)", 5, 3)]
    [TestCase("1,2,3(x4)", 6, 0)]
    [TestCase("", 0, 0)]
    [TestCase("many", 0, 0)]
    [TestCase("4(xx)", 0, 0)]
    public void Slurm_s_list_of_tasks_per_node_is_read(string list, int node, int tasks) =>
        Assert.That(LaunchContext.TasksOnNode(list, node), Is.EqualTo(tasks));

    internal static Dictionary<string, string> Parse(string variables) =>
        variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);

    private static TestCaseData Case(string name, string variables, LaunchContext expected) =>
        new TestCaseData(variables, expected).SetArgDisplayNames(name);
}
