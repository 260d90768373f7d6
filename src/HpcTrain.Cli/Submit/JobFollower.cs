using System.Diagnostics;
using System.Globalization;
using HpcTrain.CommandLine;
using HpcTrain.Slurm;

namespace HpcTrain.Cli.Submit;

/// <summary>
/// Watches a submitted job until its end: its state in the queue, how far its runs are (from their run folders), and what it says (from its output files). Slurm is asked soon at
/// first, then once a second; files are read on from where they were read to.
/// </summary>
internal sealed class JobFollower(Submission submission, TextWriter output)
{
    // How Slurm reports that the files of a job could not be opened on its node.
    private const int InputOutputSignal = 128 + 53;
    private static readonly TimeSpan s_shortest = TimeSpan.FromSeconds(0.2), s_longest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);
    private readonly Stopwatch _silence = new();
    private readonly Dictionary<string, long> _read = [];
    private string _told = "";

    /// <summary>Waits for the end.</summary>
    /// <param name="showsOutput">Whether to write what the job says, in place of its state and progress.</param>
    /// <returns>The job's exit code, or <see cref="ExitCodes.JobStopped"/>.</returns>
    public int Wait(bool showsOutput)
    {
        for (TimeSpan pause = s_shortest; ; pause = TimeSpan.FromTicks(Math.Min(s_longest.Ticks, pause.Ticks * 5 / 4)))
        {
            IReadOnlyList<JobState>? states = Ask();
            if (showsOutput)
                ShowOutput();
            else if (states is not null)
                Tell(Describe(states, submission));
            if (states is not null && states.All(state => state.HasEnded))
            {
                if (showsOutput)
                    ShowOutput();
                return CodeOf(states);
            }
            Thread.Sleep(pause);
        }
    }

    /// <summary>Where the job is; null when Slurm does not say it just now: a controller that is restarted does not end the job, nor the waiting for it.</summary>
    private IReadOnlyList<JobState>? Ask()
    {
        try
        {
            IReadOnlyList<JobState> states = SlurmQueue.StatesOf(submission.Record!.JobId);
            _silence.Reset();
            return states;
        }
        catch (SlurmException e) when (e.Fault == SlurmFault.Environment && SlurmQueue.IsHere && _silence.Elapsed < s_patience)
        {
            if (!_silence.IsRunning)
                Console.Error.WriteLine($"{e.Message}; asking on for {s_patience.TotalMinutes:0} minutes");
            _silence.Start();
            return null;
        }
    }

    /// <summary>Writes what the job has said since the last call; of an array, file after file.</summary>
    public void ShowOutput()
    {
        foreach (string file in submission.Outputs)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            long from = _read.GetValueOrDefault(file);
            if (stream.Length <= from)
                continue;
            if (submission.Outputs.Count > 1)
                output.WriteLine($"==> {Path.GetFileName(file)} <==");
            stream.Position = from;
            using var reader = new StreamReader(stream);
            output.Write(reader.ReadToEnd());
            _read[file] = stream.Position;
        }
        output.Flush();
    }

    /// <summary>Where a job is, in one line: "running on node[1-2], step 40 of 936".</summary>
    public static string Describe(IReadOnlyList<JobState> states, Submission submission)
    {
        string progress = RunProgress.Of(submission) is { Length: > 0 } text ? $", {text}" : "";
        if (states is not [var only])
            return string.Join(", ", states.GroupBy(state => Word(state.State)).Select(group => $"{group.Count()} {group.Key}")) + progress;
        return only.State switch
        {
            "RUNNING" => $"running on {only.Nodes}{progress}",
            "PENDING" when only.Reason.Length > 0 => $"pending ({only.Reason})",
            JobState.Forgotten => $"Slurm no longer knows it{progress}",
            _ => Word(only.State) + progress,
        };
    }

    private int CodeOf(IReadOnlyList<JobState> states)
    {
        foreach (JobState state in states.Where(state => !state.HasSucceeded))
        {
            if (state.State == JobState.Forgotten)
            {
                bool hasFinished = submission.RunFolders() is { Count: > 0 } folders && folders.All(folder => File.Exists(Path.Combine(folder, "summary.json")));
                return hasFinished ? ExitCodes.Ok : ExitCodes.JobStopped;
            }
            string why = state.ExitCode == InputOutputSignal
                ? $"its node could not open its files: does every node see {submission.Folder} and {submission.Job.Folder}? Put both on a shared file system (--runs)"
                : state.State == "FAILED" ? string.Create(CultureInfo.InvariantCulture, $"exit code {state.ExitCode}; 'hpctrain logs {state.Id}' shows what it said")
                : $"'hpctrain logs {state.Id}' shows what it said";
            Console.Error.WriteLine($"job {state.Id} {Word(state.State)}: {why}");
            return state.State == "FAILED" && state.ExitCode is > 0 and not InputOutputSignal and var code ? code : ExitCodes.JobStopped;
        }
        return ExitCodes.Ok;
    }

    private void Tell(string line)
    {
        if (line == _told)
            return;
        _told = line;
        output.WriteLine($"job {submission.Record!.JobId}: {line}");
        output.Flush();
    }

    private static string Word(string state) => state.ToLowerInvariant().Replace('_', ' ');
}
