using System.Text;
using LLama.Native;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SmolLM3.Extensions.LLamaSharp.Native;

/// <summary>What llama.cpp says. It has one voice for the whole process, which comes in pieces of lines, from any
/// thread: it is told to the logger of the engine that was made last, and the lines of a load are kept, because its
/// failures have no other reason.</summary>
internal static class NativeLog
{
    private const int MostKept = 8;

    // Kept: llama.cpp calls it as long as the process lives.
    private static readonly NativeLogConfig.LLamaLogCallback s_callback = Hear;
    private static readonly Lock s_lock = new();
    private static readonly StringBuilder s_line = new();
    private static readonly Queue<string> s_errors = [];
    private static ILogger s_logger = NullLogger.Instance;
    private static LLamaLogLevel s_level;
    private static string? s_offloaded;

    /// <summary>Held while a model is loaded, for what is said then belongs to it.</summary>
    public static Lock Loading { get; } = new();

    /// <summary>Begins to listen for an engine, and forgets what was said before.</summary>
    public static void Listen(ILogger logger)
    {
        lock (s_lock)
        {
            s_logger = logger;
            s_errors.Clear();
            s_offloaded = null;
        }

        NativeLogConfig.llama_log_set(s_callback);
    }

    /// <summary>Forgets what a load that succeeded complained of.</summary>
    public static void Forget()
    {
        lock (s_lock)
        {
            s_errors.Clear();
        }
    }

    /// <summary>Keeps the logger of an engine no longer.</summary>
    public static void Leave(ILogger logger)
    {
        lock (s_lock)
        {
            s_logger = ReferenceEquals(s_logger, logger) ? NullLogger.Instance : s_logger;
        }
    }

    /// <summary>Whether the last errors speak of memory that could not be had.</summary>
    public static bool LacksMemory
    {
        get
        {
            lock (s_lock)
            {
                return s_errors.Any(line => line.Contains("alloc", StringComparison.OrdinalIgnoreCase)
                    || line.Contains("out of memory", StringComparison.OrdinalIgnoreCase));
            }
        }
    }

    /// <summary>The last errors and warnings it told of, in one line.</summary>
    public static string Errors
    {
        get
        {
            lock (s_lock)
            {
                return s_errors.Count == 0 ? "It gave no reason." : $"It said: {string.Join(" ", s_errors)}";
            }
        }
    }

    /// <summary>Layers it put on the GPU, by its own account: "offloaded 37/37 layers to GPU".</summary>
    public static int OffloadedLayers
    {
        get
        {
            lock (s_lock)
            {
                string[] parts = s_offloaded?.Split("offloaded ")[1].Split('/') ?? ["0"];
                return int.TryParse(parts[0], out int layers) ? layers : 0;
            }
        }
    }

    // Called by native code: nothing may be thrown.
    private static void Hear(LLamaLogLevel level, string text)
    {
        try
        {
            lock (s_lock)
            {
                s_level = level == LLamaLogLevel.Continue ? s_level : level;
                s_line.Append(text);
                if (text.EndsWith('\n'))
                {
                    // Cleared first: a logger that throws must not leave the line for the next one.
                    string line = s_line.ToString().TrimEnd();
                    s_line.Clear();
                    Tell(line);
                }
            }
        }
        catch
        {
            // A logger of the caller's: what it throws cannot pass through native code.
        }
    }

    private static void Tell(string line)
    {
        if (line.Contains("offloaded ", StringComparison.Ordinal) && line.Contains("layers to GPU", StringComparison.Ordinal))
        {
            s_offloaded = line;
        }

        if (s_level is LLamaLogLevel.Error or LLamaLogLevel.Warning)
        {
            s_errors.Enqueue(line);
            if (s_errors.Count > MostKept)
            {
                s_errors.Dequeue();
            }
        }

        s_logger.Says(s_level == LLamaLogLevel.Error ? LogLevel.Warning : LogLevel.Debug, line);
    }
}
