/* A driver's library with three GPUs: one well, one cut into MIG instances, one lost. The counts of starts and stops, and
   whether to hang, are files in the directory FAKE_DIR. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SUCCESS 0
#define NOT_SUPPORTED 3
#define LOST 15

static void note(const char *name) {
    FILE *file = fopen(name, "a");
    if (file) {
        fputs("x", file);
        fclose(file);
    }
}

int nvmlInit_v2(void) {
    note(FAKE_DIR "/started");
    return access(FAKE_DIR "/refuse", F_OK) == 0 ? 9 : SUCCESS;
}

int nvmlShutdown(void) {
    note(FAKE_DIR "/stopped");
    return SUCCESS;
}

const char *nvmlErrorString(int code) {
    return code == LOST ? "GPU is lost" : code == 9 ? "Driver Not Loaded" : "Unknown Error";
}

int nvmlSystemGetDriverVersion(char *text, unsigned length) {
    snprintf(text, length, "550.54.15");
    return SUCCESS;
}

int nvmlDeviceGetCount_v2(unsigned *count) {
    while (access(FAKE_DIR "/hang", F_OK) == 0) {
        usleep(10000);
    }
    *count = 3;
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
    if (index == 2) {
        return LOST;
    }
    *device = (void *)(0x1000UL + index);
    return SUCCESS;
}

static int isMig(void *device) { return device == (void *)0x1001UL; }

int nvmlDeviceGetName(void *device, char *text, unsigned length) {
    snprintf(text, length, isMig(device) ? "NVIDIA A100-SXM4-40GB" : "NVIDIA H200");
    return SUCCESS;
}

int nvmlDeviceGetUUID(void *device, char *text, unsigned length) {
    snprintf(text, length, "GPU-%lx", (unsigned long)device);
    return SUCCESS;
}

int nvmlDeviceGetMemoryInfo(void *device, unsigned long long *bytes) {
    bytes[0] = isMig(device) ? 42949672960ULL : 150754820096ULL;
    bytes[2] = isMig(device) ? 1048576ULL : 100000000000ULL;
    bytes[1] = bytes[0] - bytes[2];
    return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(void *device, unsigned *rates) {
    if (isMig(device)) {
        return NOT_SUPPORTED;
    }
    rates[0] = 87;
    rates[1] = 41;
    return SUCCESS;
}

int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *degrees) {
    if (sensor != 0) {
        return 2;
    }
    *degrees = isMig(device) ? 35 : 64;
    return SUCCESS;
}
