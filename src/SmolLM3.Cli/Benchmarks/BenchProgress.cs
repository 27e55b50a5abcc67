using Spectre.Console;

namespace SmolLM3.Cli.Benchmarks;

/// <summary>A bar on standard error. It is drawn between measurements only, so that drawing takes no core from them.
/// </summary>
internal sealed class BenchProgress
{
    private readonly ProgressContext? _context;
    private readonly ProgressTask? _task;
    private int _begun;

    private BenchProgress(ProgressContext? context, int steps) =>
        (_context, _task) = (context, context?.AddTask("opening", maxValue: steps));

    /// <summary>Does the work, under a bar if somebody is looking.</summary>
    /// <param name="steps">How often the work will say <see cref="Step"/>.</param>
    /// <param name="show">Whether a bar is wanted at all.</param>
    /// <param name="work">The work.</param>
    public static void Run(int steps, bool show, Action<BenchProgress> work)
    {
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (!show || Console.IsErrorRedirected || !console.Profile.Capabilities.Interactive)
        {
            work(new BenchProgress(null, steps));
            return;
        }

        console.Progress().AutoRefresh(false).AutoClear(true).Start(context => work(new BenchProgress(context, steps)));
    }

    /// <summary>Does the work without a bar.</summary>
    public static T Silently<T>(Func<BenchProgress, T> work) => work(new BenchProgress(null, steps: 0));

    /// <summary>The last step is done, the next begins.</summary>
    public void Step(string what)
    {
        if (_task is not null)
        {
            _task.Description = what;
            _task.Value = _begun++;
            _context!.Refresh();
        }
    }
}
